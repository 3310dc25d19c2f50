// Marking of boxes: a grid over the picture, dragged by mouse or finger, or given in numbers.

import { byId, makeSvg } from "./dom.js";
import { quarterTurns, turn, turnedSize } from "./geometry.js";
import { gridLayout } from "./grid.js";
import { isConvex, project, squareToCorners } from "./homography.js";

const SQUARE = [[0, 0], [1, 0], [1, 1], [0, 1]];
const NAMES = ["Top left", "Top right", "Bottom right", "Bottom left"];
const PLACE = ["mark-left", "mark-top", "mark-width", "mark-height"]; // inputs, in per cent of the page
const STEP = 0.005; // of the page, for an arrow key
const LEAST = 0.005; // of the page: a shorter drag is a click

export class Marking {
  #svg = byId("marks");
  #form = byId("mark-form");
  #toggle = byId("mark");
  #handles = NAMES.map((name, number) => makeHandle(name, number));
  #lines = makeSvg("path", {});
  #corners = null; // in parts of the upright page, clockwise from the top left one
  #drag = null; // {pointer, start, corner}
  #page = null;

  /** `onRead(layout)` is called for a marked grid, `onRemove()` to take the last one back, `onTurn()` for a page that is not upright. */
  constructor({ onRead, onRemove, onTurn }) {
    this.#svg.append(this.#lines, ...this.#handles);
    this.#svg.addEventListener("pointerdown", (event) => this.#pointerDown(event));
    this.#svg.addEventListener("pointermove", (event) => this.#pointerMove(event));
    for (const name of ["pointerup", "pointercancel"]) this.#svg.addEventListener(name, () => (this.#drag = null));
    this.#svg.addEventListener("keydown", (event) => this.#keyDown(event));
    this.#toggle.addEventListener("click", () => this.#setActive(this.#form.hidden));
    this.#form.addEventListener("input", ({ target }) => this.#input(target));
    this.#form.addEventListener("submit", (event) => {
      event.preventDefault();
      onRead(this.#layout);
    });
    byId("unmark").addEventListener("click", onRemove);
    byId("turn").addEventListener("click", onTurn);
  }

  /** Offer the tool for a page; it is open if the page has no boxes. */
  show(page) {
    this.#page = page;
    this.#svg.setAttribute("viewBox", [0, 0, ...this.#size].join(" "));
    this.#toggle.hidden = Boolean(page.unreadable);
    byId("unmark").hidden = !page.grids?.length;
    byId("turn").hidden = page.boxes.length > 0;
    this.#setActive(!page.boxes.length && !page.unreadable);
  }

  get #turns() {
    return quarterTurns(this.#page);
  }

  get #size() {
    return turnedSize(this.#page, this.#turns);
  }

  get #grid() {
    return [byId("mark-rows"), byId("mark-columns")].map(({ valueAsNumber }) => valueAsNumber);
  }

  /** Return the layout in pixels of the page as it was sent. */
  get #layout() {
    const [width, height] = this.#size;
    const back = (4 - this.#turns) % 4;
    const corners = this.#corners.map(([x, y]) => turn([x * width, y * height], back, { width, height }));
    return gridLayout(corners, ...this.#grid);
  }

  #setActive(active) {
    this.#form.hidden = !active;
    this.#svg.classList.toggle("active", active);
    this.#toggle.setAttribute("aria-expanded", active);
    this.#setCorners(null);
    for (const id of PLACE) byId(id).value = "";
  }

  #setCorners(corners) {
    this.#corners = corners;
    const [width, height] = this.#size;
    byId("mark-read").disabled = !corners || !isConvex(corners);
    this.#lines.setAttribute("d", corners ? gridPath(corners, this.#grid, [width, height]) : "");
    this.#handles.forEach((handle, number) => {
      handle.style.display = corners ? "" : "none";
      const [x, y] = corners?.[number] ?? [0, 0];
      handle.setAttribute("cx", x * width);
      handle.setAttribute("cy", y * height);
      handle.setAttribute("r", Math.max(width, height) / 70);
    });
  }

  /** Write the bounding box of the corners into the form. */
  #writePlace() {
    const [xs, ys] = [0, 1].map((axis) => this.#corners.map((corner) => corner[axis]));
    const [left, top] = [Math.min(...xs), Math.min(...ys)];
    const values = [left, top, Math.max(...xs) - left, Math.max(...ys) - top];
    PLACE.forEach((id, number) => (byId(id).value = (100 * values[number]).toFixed(1)));
  }

  #input(target) {
    if (!this.#form.checkValidity()) return void (byId("mark-read").disabled = true);
    if (!PLACE.includes(target.id)) return this.#setCorners(this.#corners);
    const [left, top, width, height] = PLACE.map((id) => byId(id).valueAsNumber / 100);
    this.#setCorners(rectangle([left, top], [left + width, top + height]));
  }

  #pointOf({ clientX, clientY }) {
    const { left, top, width, height } = this.#svg.getBoundingClientRect();
    return [(clientX - left) / width, (clientY - top) / height].map(inPage);
  }

  #pointerDown(event) {
    if (event.button !== 0 || this.#drag) return;
    const corner = this.#handles.indexOf(event.target);
    this.#drag = { pointer: event.pointerId, start: this.#pointOf(event), corner };
    this.#svg.setPointerCapture(event.pointerId);
  }

  #pointerMove(event) {
    if (event.pointerId !== this.#drag?.pointer) return;
    const point = this.#pointOf(event);
    const { corner, start } = this.#drag;
    if (corner >= 0) this.#moveCorner(corner, point);
    else if (start.every((value, axis) => Math.abs(point[axis] - value) > LEAST)) {
      this.#setCorners(rectangle(start, point));
      this.#writePlace();
    }
  }

  #moveCorner(corner, point) {
    this.#setCorners(this.#corners.with(corner, point));
    this.#writePlace();
  }

  #keyDown(event) {
    const arrow = { ArrowLeft: [-STEP, 0], ArrowRight: [STEP, 0], ArrowUp: [0, -STEP], ArrowDown: [0, STEP] }[event.key];
    const corner = this.#handles.indexOf(event.target);
    if (!arrow || corner < 0) return;
    event.preventDefault();
    this.#moveCorner(corner, this.#corners[corner].map((value, axis) => inPage(value + arrow[axis] / (event.shiftKey ? 5 : 1))));
  }
}

function inPage(value) {
  return Math.min(1, Math.max(0, value));
}

/** Return the corners of a rectangle between two points, clockwise from the top left one. */
function rectangle([x, y], [u, v]) {
  const [left, top] = [Math.min(x, u), Math.min(y, v)];
  return SQUARE.map(([right, down]) => [left + right * Math.abs(u - x), top + down * Math.abs(v - y)]);
}

/** Return the SVG path of a grid's rules. */
function gridPath(corners, [rows, columns], [width, height]) {
  const matrix = squareToCorners(corners.map(([x, y]) => [x * width, y * height]));
  const line = (...ends) => `M${ends.map((end) => project(matrix, end).join(" ")).join("L")}`;
  const shares = (count) => Array.from({ length: count + 1 }, (_, number) => number / count);
  return [...shares(rows).map((y) => line([0, y], [1, y])), ...shares(columns).map((x) => line([x, 0], [x, 1]))].join("");
}

function makeHandle(name, number) {
  return makeSvg("circle", { tabindex: 0, role: "button", "aria-label": `${name} corner: arrow keys move it`, "data-corner": number });
}
