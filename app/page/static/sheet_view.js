// Sheet view: pages with their boxes, one page at a time; boxes are checked by key press.

import { byId, make } from "./dom.js";
import { percent } from "./format.js";
import { middle } from "./geometry.js";
import { Marking } from "./marking.js";
import { PagePicture, describe } from "./page_picture.js";
import { boxName } from "./sheet_file.js";
import { SheetTable } from "./sheet_table.js";
import { NONE, isOpen, readAs } from "./verdict.js";
import { makeVerdictButtons, verdictOfKey } from "./verdict_keys.js";

const NOTHING = "Nothing found: this page has no boxes that could be recognised.";

export class SheetView {
  #pages = []; // {entry, page, number, name}
  #at = -1; // number of the page that is shown
  #box = null;
  #select = byId("page");
  #picture = new PagePicture();
  #marking;
  #table = new SheetTable((box) => this.#selectBox(box, true));

  /**
   * `onVerdict(entry, box, verdict)` is called for each verdict, `announce(text)` after it;
   * `onMark(entry, number of the page, layout)` for a marked grid, `onUnmark(entry, number)` to take it back.
   */
  constructor({ onVerdict, onMark, onUnmark, announce }) {
    Object.assign(this, { onVerdict, announce });
    const shown = () => [this.#pages[this.#at].entry, this.#pages[this.#at].number];
    this.#marking = new Marking({ onRead: (layout) => onMark(...shown(), layout), onRemove: () => onUnmark(...shown()), onTurn: () => this.#turn() });
    this.#select.addEventListener("change", () => this.#showPage(this.#select.selectedIndex));
    byId("previous-page").addEventListener("click", () => this.#showPage(this.#at - 1));
    byId("next-page").addEventListener("click", () => this.#showPage(this.#at + 1));
    byId("box-verdicts").append(...makeVerdictButtons((verdict) => this.#judge(verdict)));
    const boxes = byId("boxes").parentElement; // an SVG element that listens for focus is a stop of the Tab key itself
    boxes.addEventListener("click", ({ target }) => this.#selectBox(this.#picture.boxOf(target), true));
    boxes.addEventListener("focusin", ({ target }) => this.#selectBox(this.#picture.boxOf(target)));
    boxes.addEventListener("keydown", (event) => this.handleKey(event));
  }

  get empty() {
    return this.#pages.length === 0;
  }

  /** Show the pages of the entries that are sheets; the page that is shown stays. */
  update(entries) {
    const shown = this.#pages[this.#at];
    this.#pages = entries.filter(({ pages }) => pages).flatMap((entry) => entry.pages.map((page, number) => {
      const name = entry.pages.length > 1 ? `${entry.name}, page ${number + 1}` : entry.name;
      return { entry, page, number, name };
    }));
    byId("sheets").hidden = this.empty;
    if (this.empty) return void ([this.#at, this.#box] = [-1, null]);
    const same = this.#pages.findIndex(({ page }) => page === shown?.page);
    this.#at = same < 0 ? Math.max(0, Math.min(this.#at, this.#pages.length - 1)) : same;
    this.#select.replaceChildren(...this.#pages.map((page, number) => make("option", {}, this.#title(page, number))));
    if (same < 0) this.#showPage(this.#at);
    else this.#refresh();
  }

  /** Show the first page of an entry. */
  showEntry(entry) {
    this.#showPage(this.#pages.findIndex((page) => page.entry === entry));
  }

  /** Select the first open box of all pages, if this one has none. */
  selectFirstOpen() {
    if (this.empty || (this.#box && isOpen(this.#box))) return;
    this.#at = Math.max(0, this.#pages.findIndex(({ page }) => page.boxes.some(isOpen)));
    this.#showPage(this.#at);
  }

  /** Handle a key: correct, confirm, move, or take a verdict back. */
  handleKey(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const turn = { PageDown: 1, PageUp: -1 }[event.key];
    const verdict = this.#box ? verdictOfKey(event.key, this.#box) : undefined;
    const next = this.#box ? this.#neighbour(event.key) : null;
    if (turn) this.#showPage(this.#at + turn, true);
    else if (verdict !== undefined) this.#judge(verdict);
    else if (next) this.#selectBox(next, true);
    else return;
    event.preventDefault();
  }

  get #boxes() {
    return this.#pages[this.#at].page.boxes;
  }

  #title({ page, name }, number) {
    const open = page.boxes.filter(isOpen).length;
    const state = !page.boxes.length ? "no boxes found" : open ? `${open} to check` : "done";
    return `${number + 1} of ${this.#pages.length}: ${name}, ${state}`;
  }

  #showPage(number, focus = false) {
    if (!this.#pages[number]) return;
    this.#at = number;
    const { entry, page } = this.#pages[number];
    byId("nothing").hidden = page.boxes.length > 0;
    byId("nothing").textContent = page.problem ?? NOTHING;
    byId("box-panel").hidden = byId("table").hidden = page.boxes.length === 0;
    this.#picture.show(entry.file, page);
    this.#marking.show(page);
    this.#box = null;
    this.#selectBox(page.boxes.find(isOpen) ?? page.boxes[0], focus);
    this.#refresh();
  }

  /** Turn a page without boxes clockwise by a quarter. */
  #turn() {
    const { page } = this.#pages[this.#at];
    page.turns = ((page.turns ?? 0) + 1) % 4;
    this.#showPage(this.#at);
  }

  #selectBox(box, focus = false) {
    if (box && box !== this.#box) {
      this.#box = box;
      this.#refresh();
    }
    if (box && focus) this.#picture.focus(box);
  }

  #refresh() {
    this.#pages.forEach((page, number) => (this.#select.options[number].textContent = this.#title(page, number)));
    this.#select.selectedIndex = this.#at;
    byId("previous-page").disabled = this.#at === 0;
    byId("next-page").disabled = this.#at === this.#pages.length - 1;
    this.#picture.update(this.#box);
    this.#table.update(this.#pages[this.#at].page, this.#box);
    if (!this.#box) return;
    byId("box-name").textContent = boxName(this.#box);
    byId("box-answer").textContent = describe(this.#box);
    byId("box-confidence").textContent = confidenceOf(this.#box);
  }

  /** Store a verdict, then select the next open box, also on the pages after this one. */
  #judge(verdict) {
    const { entry } = this.#pages[this.#at];
    const box = this.#box;
    if (!box) return;
    this.onVerdict(entry, box, verdict);
    this.announce(`${boxName(box)}: ${verdict === NONE ? "no digit" : describe(box)}`);
    if (verdict === null) return this.#refresh();
    const boxes = this.#boxes;
    const place = boxes.indexOf(box);
    const next = [...boxes.slice(place + 1), ...boxes.slice(0, place)].find(isOpen);
    if (next) return this.#selectBox(next, true);
    const order = this.#pages.map((_, step) => (this.#at + step) % this.#pages.length);
    const page = order.find((number) => this.#pages[number].page.boxes.some(isOpen));
    if (page !== undefined) this.#showPage(page, true);
    else this.announce("Nothing left to check");
  }

  /** Return the box that an arrow key leads to. */
  #neighbour(key) {
    const boxes = this.#boxes;
    const step = { ArrowRight: 1, ArrowLeft: -1 }[key];
    if (step) return boxes[boxes.indexOf(this.#box) + step];
    if (key === "Home") return boxes[0];
    if (key === "End") return boxes[boxes.length - 1];
    const direction = { ArrowDown: 1, ArrowUp: -1 }[key];
    if (!direction) return null;
    const rows = boxes.map(({ row }) => row).filter((row) => direction * (row - this.#box.row) > 0);
    const wanted = direction > 0 ? Math.min(...rows) : Math.max(...rows);
    const away = ({ corners }) => Math.hypot(...middle(corners).map((value, axis) => value - middle(this.#box.corners)[axis]));
    return boxes.filter(({ row }) => row === wanted).sort((a, b) => away(a) - away(b))[0];
  }
}

function confidenceOf({ answer }) {
  return readAs(answer) === NONE ? "" : `Read as ${answer.digit} with ${percent(answer.confidence)}`;
}
