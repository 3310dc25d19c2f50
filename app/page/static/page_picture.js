// Picture of a page with its boxes drawn on it, and the enlarged view of one box.

import { byId, makeSvg } from "./dom.js";
import { boxMatrix, distance, quarterTurns, turn, turnMatrix, turnedSize } from "./geometry.js";
import { boxName } from "./sheet_file.js";
import { isOpen, isSent, shownDigit, status, why } from "./verdict.js";

const MAX_SIDE = 2000; // pixels of the picture that is displayed

export class PagePicture {
  #canvas = byId("page-image");
  #boxes = byId("boxes");
  #zoom = byId("zoom");
  #elements = new Map(); // by box: its outline and its digit
  #page = null;
  #bitmap = null;

  /** Display a page of a file. */
  async show(file, page) {
    this.#page = page;
    this.#bitmap?.close();
    this.#bitmap = null;
    this.#drawBoxes(page);
    this.#drawPage();
    const bitmap = await createImageBitmap(page.picture ? toBlob(page.picture) : file).catch(() => null);
    if (page !== this.#page) return bitmap?.close();
    this.#bitmap = bitmap;
    this.#drawPage();
  }

  boxOf(element) {
    return [...this.#elements].find(([, { outline }]) => outline === element)?.[0];
  }

  /** Update the outlines; only open boxes and the selected one can be reached with the Tab key. */
  update(selected) {
    for (const [box, { outline, digit }] of this.#elements) {
      outline.dataset.status = status(box);
      outline.classList.toggle("blank", shownDigit(box) === "");
      outline.setAttribute("tabindex", isOpen(box) || box === selected ? 0 : -1);
      outline.setAttribute("aria-selected", box === selected);
      outline.setAttribute("aria-label", `${boxName(box)}: ${describe(box)}`);
      digit.textContent = shownDigit(box);
      digit.dataset.status = status(box);
    }
    if (selected) this.#drawZoom(selected);
  }

  focus(box) {
    this.#elements.get(box)?.outline.focus();
  }

  #drawPage() {
    const turns = quarterTurns(this.#page);
    const [width, height] = turnedSize(this.#page, turns);
    const scale = Math.min(1, MAX_SIDE / Math.max(width, height));
    this.#canvas.width = width * scale;
    this.#canvas.height = height * scale;
    this.#canvas.parentElement.style.setProperty("--ratio", width / height);
    const context = this.#canvas.getContext("2d");
    context.setTransform(...turnMatrix(turns, this.#page, scale));
    this.#drawBitmap(context);
    const selected = [...this.#elements.keys()].find((box) => this.#elements.get(box).outline.ariaSelected === "true");
    if (selected) this.#drawZoom(selected);
  }

  #drawBoxes(page) {
    const turns = quarterTurns(page);
    this.#boxes.setAttribute("viewBox", [0, 0, ...turnedSize(page, turns)].join(" "));
    this.#elements = new Map(page.boxes.map((box) => [box, drawBox(box.corners.map((corner) => turn(corner, turns, page)))]));
    const elements = [...this.#elements.values()];
    this.#boxes.replaceChildren(...elements.map(({ outline }) => outline), ...elements.map(({ digit }) => digit));
  }

  #drawZoom({ corners }) {
    const { width, height } = this.#zoom;
    const context = this.#zoom.getContext("2d");
    context.resetTransform();
    context.fillStyle = "#fff";
    context.fillRect(0, 0, width, height);
    context.setTransform(...boxMatrix(corners, width, height));
    this.#drawBitmap(context);
    context.beginPath();
    for (const corner of corners) context.lineTo(...corner);
    context.closePath();
    context.resetTransform();
    context.strokeStyle = "#2452c4";
    context.globalAlpha = 0.5;
    context.lineWidth = 2;
    context.stroke();
    context.globalAlpha = 1;
  }

  #drawBitmap(context) {
    if (this.#bitmap) context.drawImage(this.#bitmap, 0, 0, this.#page.width, this.#page.height);
  }
}

/** Describe a box in words: its digit or why there is none, and its status. */
export function describe(box) {
  const digit = shownDigit(box).replace("?", "");
  return [digit, box.verdict == null && box.answer ? why(box.answer) : "", status(box), isSent(box) && "sent"].filter(Boolean).join(", ");
}

function drawBox(corners) {
  const outline = makeSvg("polygon", { points: corners.join(" "), role: "option" });
  const size = 0.32 * Math.min(distance(corners[0], corners[3]), distance(corners[0], corners[1]));
  const [x, y] = corners[1];
  const angle = (Math.atan2(y - corners[0][1], x - corners[0][0]) * 180) / Math.PI;
  const digit = makeSvg("text", { "aria-hidden": true, "font-size": size, "text-anchor": "end", transform: `translate(${x} ${y}) rotate(${angle}) translate(${-size / 6} ${0.9 * size})` });
  return { outline, digit };
}

/** Return the content of a base64 data: URL. */
function toBlob(url) {
  const [type, content] = url.split(";base64,");
  return new Blob([Uint8Array.from(atob(content), (character) => character.charCodeAt(0))], { type: type.slice(5) });
}
