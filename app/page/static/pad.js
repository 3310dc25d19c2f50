// The pad: mouse, pen, finger or keys become strokes; a chosen picture can lie on it instead.

import { drawStrokes, strokesToPng } from "./ink.js";

const WIDTH = 0.07; // of a stroke, as a share of the pad's side
const STEP = 0.04; // of an arrow key; a fifth of it with Shift
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

export class Pad {
  #context;
  #strokes = []; // never changed in place but for the one that is being drawn
  #past = []; // what the strokes were, for undo
  #picture = null;
  #pointer = null; // the id of the one that draws
  #pen = { x: 0.5, y: 0.5, down: false }; // of the keyboard

  /** `changed(settled)` is called after each change, settled if no stroke is under way. */
  constructor(canvas, caption, changed) {
    this.canvas = canvas;
    this.caption = caption;
    this.changed = changed;
    this.#context = canvas.getContext("2d");
    canvas.addEventListener("pointerdown", (event) => this.#down(event));
    canvas.addEventListener("pointermove", (event) => this.#move(event));
    canvas.addEventListener("pointerup", (event) => this.#up(event));
    canvas.addEventListener("pointercancel", (event) => this.#up(event));
    canvas.addEventListener("keydown", (event) => this.#key(event));
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

  /** Go back by one stroke, or to before everything was cleared. */
  undo() {
    if (this.#past.length) this.#set(this.#past.pop());
  }

  clear() {
    if (!this.empty) this.#past.push(this.#strokes);
    this.#set([]);
  }

  /** Lay a picture file on the pad; the drawing stays beneath, for undo. */
  async show(file) {
    if (!this.empty) this.#past.push(this.#strokes);
    this.#strokes = [];
    const picture = (this.#picture = { name: file.name, bitmap: null });
    this.#draw();
    picture.bitmap = await createImageBitmap(file).catch(() => null);
    if (picture === this.#picture) this.#draw();
  }

  #set(strokes) {
    this.#strokes = strokes;
    this.#picture = null;
    this.#pen.down = false;
    this.#draw();
    this.changed(true);
  }

  #begin(point) {
    if (!this.#picture) this.#past.push(this.#strokes);
    this.#picture = null;
    this.#strokes = [...this.#strokes, [point]];
  }

  #extend(points) {
    this.#strokes[this.#strokes.length - 1].push(...points);
  }

  #down(event) {
    if (this.#pointer !== null || event.button !== 0) return;
    this.#pointer = event.pointerId;
    this.canvas.setPointerCapture(event.pointerId);
    this.#begin(this.#point(event));
    this.#report(false);
  }

  #move(event) {
    if (event.pointerId !== this.#pointer) return;
    const events = event.getCoalescedEvents?.() ?? [];
    this.#extend((events.length ? events : [event]).map((one) => this.#point(one)));
    this.#report(false);
  }

  #up(event) {
    if (event.pointerId !== this.#pointer) return;
    this.#pointer = null;
    this.#report(true);
  }

  #key(event) {
    const arrow = ARROWS[event.key];
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (arrow) this.#steer(arrow, event.shiftKey ? STEP / 5 : STEP);
    else if (event.key === " ") this.#toggle();
    else if (event.key === "z" || event.key === "Backspace") this.undo();
    else if (event.key === "Delete") this.clear();
    else return;
    event.preventDefault();
  }

  #toggle() {
    this.#pen.down = !this.#pen.down;
    if (this.#pen.down) this.#begin({ ...this.#pen, width: WIDTH });
    this.#report(!this.#pen.down);
  }

  #steer([right, down], step) {
    const within = (place) => Math.min(1, Math.max(0, place));
    this.#pen.x = within(this.#pen.x + right * step);
    this.#pen.y = within(this.#pen.y + down * step);
    if (!this.#pen.down) return this.#draw();
    this.#extend([{ ...this.#pen, width: WIDTH }]);
    this.#report(false);
  }

  #report(settled) {
    this.#draw();
    this.changed(settled);
  }

  #point({ clientX, clientY, pointerType, pressure }) {
    const { left, top, width, height } = this.canvas.getBoundingClientRect();
    const share = pointerType === "pen" && pressure > 0 ? 0.5 + pressure : 1;
    return { x: (clientX - left) / width, y: (clientY - top) / height, width: WIDTH * share };
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
