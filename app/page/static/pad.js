// Drawing pad: turns mouse, pen, touch and key events into strokes, or displays a chosen picture.

import { drawStrokes, strokesToPng } from "./ink.js";

const WIDTH = 0.07; // of a stroke, as a share of the pad's side
const STEP = 0.04; // of an arrow key; a fifth of it with Shift
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

export class Pad {
  #context;
  #strokes = []; // only the last stroke is changed in place, while it is drawn
  #history = []; // earlier values of #strokes, for undo
  #picture = null;
  #pointer = null; // id of the pointer that is drawing
  #pen = { x: 0.5, y: 0.5, down: false }; // position for the keyboard

  /** `onChange(finished)` is called after each change; `finished` if no stroke is in progress. */
  constructor(canvas, caption, onChange) {
    this.canvas = canvas;
    this.caption = caption;
    this.onChange = onChange;
    this.#context = canvas.getContext("2d");
    canvas.addEventListener("pointerdown", (event) => this.#pointerDown(event));
    canvas.addEventListener("pointermove", (event) => this.#pointerMove(event));
    canvas.addEventListener("pointerup", (event) => this.#pointerUp(event));
    canvas.addEventListener("pointercancel", (event) => this.#pointerUp(event));
    canvas.addEventListener("keydown", (event) => this.#keyDown(event));
    for (const name of ["focus", "blur"]) canvas.addEventListener(name, () => this.#draw());
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.#draw());
    this.#draw();
  }

  get empty() {
    return this.#strokes.length === 0;
  }

  /** Return the drawing as a PNG. */
  toPng() {
    return strokesToPng(this.#strokes);
  }

  /** Undo the last stroke or the last clear. */
  undo() {
    if (this.#history.length) this.#replace(this.#history.pop());
  }

  clear() {
    if (!this.empty) this.#history.push(this.#strokes);
    this.#replace([]);
  }

  /** Display a picture file; the drawing stays in the history, for undo. */
  async show(file) {
    if (!this.empty) this.#history.push(this.#strokes);
    this.#strokes = [];
    const picture = (this.#picture = { name: file.name, bitmap: null });
    this.#draw();
    picture.bitmap = await createImageBitmap(file).catch(() => null);
    if (picture === this.#picture) this.#draw();
  }

  #replace(strokes) {
    this.#strokes = strokes;
    this.#picture = null;
    this.#pen.down = false;
    this.#draw();
    this.onChange(true);
  }

  #beginStroke(point) {
    if (!this.#picture) this.#history.push(this.#strokes);
    this.#picture = null;
    this.#strokes = [...this.#strokes, [point]];
  }

  #extendStroke(points) {
    this.#strokes[this.#strokes.length - 1].push(...points);
  }

  #pointerDown(event) {
    if (this.#pointer !== null || event.button !== 0) return;
    this.#pointer = event.pointerId;
    if (event.isTrusted) this.canvas.setPointerCapture(event.pointerId); // else drawn before this module was loaded
    this.#beginStroke(this.#toPoint(event));
    this.#notify(false);
  }

  #pointerMove(event) {
    if (event.pointerId !== this.#pointer) return;
    const events = event.getCoalescedEvents?.() ?? [];
    this.#extendStroke((events.length ? events : [event]).map((one) => this.#toPoint(one)));
    this.#notify(false);
  }

  #pointerUp(event) {
    if (event.pointerId !== this.#pointer) return;
    this.#pointer = null;
    this.#notify(true);
  }

  #keyDown(event) {
    const arrow = ARROWS[event.key];
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (arrow) this.#movePen(arrow, event.shiftKey ? STEP / 5 : STEP);
    else if (event.key === " ") this.#togglePen();
    else if (event.key === "z" || event.key === "Backspace") this.undo();
    else if (event.key === "Delete") this.clear();
    else return;
    event.preventDefault();
  }

  #togglePen() {
    this.#pen.down = !this.#pen.down;
    if (this.#pen.down) this.#beginStroke({ ...this.#pen, width: WIDTH });
    this.#notify(!this.#pen.down);
  }

  #movePen([right, down], step) {
    const clamp = (share) => Math.min(1, Math.max(0, share));
    this.#pen.x = clamp(this.#pen.x + right * step);
    this.#pen.y = clamp(this.#pen.y + down * step);
    if (!this.#pen.down) return this.#draw();
    this.#extendStroke([{ ...this.#pen, width: WIDTH }]);
    this.#notify(false);
  }

  #notify(finished) {
    this.#draw();
    this.onChange(finished);
  }

  #toPoint({ clientX, clientY, pointerType, pressure }) {
    const { left, top, width, height } = this.canvas.getBoundingClientRect();
    const scale = pointerType === "pen" && pressure > 0 ? 0.5 + pressure : 1;
    return { x: (clientX - left) / width, y: (clientY - top) / height, width: WIDTH * scale };
  }

  #draw() {
    const side = this.canvas.width;
    const colour = getComputedStyle(this.canvas).color;
    this.#context.clearRect(0, 0, side, side);
    this.#context.strokeStyle = this.#context.fillStyle = colour;
    if (this.#picture?.bitmap) this.#drawPicture(this.#picture.bitmap, side);
    drawStrokes(this.#context, this.#strokes, side);
    if (this.canvas.matches(":focus-visible")) this.#drawPen(side);
    this.caption.hidden = !this.empty || Boolean(this.#picture?.bitmap);
    this.caption.textContent = this.#picture?.name ?? "Draw here";
  }

  #drawPicture({ width, height }, side) {
    const scale = Math.min(side / width, side / height);
    const [w, h] = [width * scale, height * scale];
    this.#context.imageSmoothingEnabled = scale < 4;
    this.#context.drawImage(this.#picture.bitmap, (side - w) / 2, (side - h) / 2, w, h);
  }

  #drawPen(side) {
    const { x, y, down } = this.#pen;
    this.#context.lineWidth = 2;
    this.#context.beginPath();
    this.#context.arc(x * side, y * side, (WIDTH * side) / 2 + 4, 0, 2 * Math.PI);
    if (down) this.#context.fill();
    this.#context.stroke();
  }
}
