// Table beside a page: the digits of its boxes in reading order, with sums of rows.

import { byId, make } from "./dom.js";
import { boxName } from "./sheet_file.js";
import { finalDigit, shownDigit, status } from "./verdict.js";

/** Return the lines of a page as [name, boxes]: fields and names of its layout, else the rows of boxes. */
export function linesOf({ boxes, fields = [] }) {
  const lines = new Map();
  const named = boxes.some(({ name }) => name) || fields.some(({ name }) => name);
  const fieldOf = new Map(fields.flatMap((field) => field.boxes.map((number) => [boxes[number], field])));
  for (const box of boxes) {
    const field = named && fieldOf.get(box);
    const key = named && (field || box.name) ? field || box : box.row;
    const name = field ? (field.name || boxName(box)) : named && box.name ? box.name : String(box.row + 1);
    if (!lines.has(key)) lines.set(key, [name, []]);
    lines.get(key)[1].push(box);
  }
  return [...lines.values()];
}

/** Return the sum of the final digits, or "" if there is none. */
export function sum(boxes) {
  const digits = boxes.map(finalDigit).filter((digit) => digit !== "");
  return digits.length ? digits.reduce((total, digit) => total + digit, 0) : "";
}

export class SheetTable {
  #body = byId("values");
  #sums = byId("sums");
  #cells = new Map(); // by cell: its box
  #page = null;

  /** `onSelect(box)` is called for a clicked cell. */
  constructor(onSelect) {
    this.#body.addEventListener("click", ({ target }) => this.#cells.has(target) && onSelect(this.#cells.get(target)));
    this.#sums.addEventListener("change", () => this.#page && this.update(this.#page, null));
  }

  update(page, selected) {
    this.#page = page;
    this.#cells = new Map();
    const lines = linesOf(page);
    const columns = Math.max(0, ...lines.map(([, boxes]) => boxes.length));
    this.#body.replaceChildren(...lines.map(([name, boxes]) => this.#makeRow(name, boxes, columns, selected)));
  }

  #makeRow(name, boxes, columns, selected) {
    const cells = boxes.map((box) => {
      const cell = make("td", { dataset: { status: status(box) }, className: box === selected ? "selected" : "" }, shownDigit(box));
      this.#cells.set(cell, box);
      return cell;
    });
    const rest = columns > boxes.length ? [make("td", { colSpan: columns - boxes.length, className: "rest" })] : [];
    const total = this.#sums.checked ? [make("td", { className: "sum" }, String(sum(boxes)))] : [];
    return make("tr", {}, make("th", { scope: "row" }, name), ...cells, ...rest, ...total);
  }
}
