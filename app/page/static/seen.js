// What the model saw: the picture, the steps that led to it, and which pixels speak for the digit.

import { byId, make } from "./dom.js";

const LEAST = 0.5; // nats: less than this is no evidence to speak of
const PLACES = [
  ["at the upper left", "at the top", "at the upper right"],
  ["at the left", "in the middle", "at the right"],
  ["at the lower left", "at the bottom", "at the lower right"],
];

export class SeenView {
  #image = byId("seen");
  #overlay = byId("relevance");
  #button = byId("explain");

  /** `asked()` is called when the visitor wants the explanation, or no longer. */
  constructor(asked) {
    this.#button.addEventListener("click", () => {
      this.#button.setAttribute("aria-pressed", String(!this.explains));
      if (!this.explains) this.#explain(null);
      asked();
    });
  }

  get explains() {
    return this.#button.getAttribute("aria-pressed") === "true";
  }

  show({ digit, input, explanation }) {
    this.#image.src = input.png;
    this.#image.alt = `The picture at ${input.pixels.length} by ${input.pixels[0].length} pixels, as the model saw it`;
    this.#image.hidden = false;
    const steps = input.steps.length ? input.steps : ["already in the form of the training data"];
    byId("steps").replaceChildren(...steps.map((step) => make("li", {}, step)));
    this.#explain(explanation && this.explains ? explanation.relevance : null, digit);
  }

  reset() {
    this.#image.hidden = true;
    byId("steps").replaceChildren();
    this.#explain(null);
  }

  #explain(relevance, digit) {
    this.#overlay.hidden = byId("explanation").hidden = !relevance;
    this.#image.classList.toggle("faint", Boolean(relevance));
    if (!relevance) return;
    this.#paint(relevance);
    byId("explanation").querySelector("p").textContent = summarise(relevance, digit);
  }

  #paint(relevance) {
    const most = Math.max(LEAST, ...relevance.flat().map(Math.abs));
    const context = this.#overlay.getContext("2d");
    const style = getComputedStyle(this.#overlay);
    this.#overlay.height = relevance.length;
    this.#overlay.width = relevance[0].length;
    relevance.forEach((row, y) => row.forEach((value, x) => {
      context.globalAlpha = Math.sqrt(Math.abs(value) / most);
      context.fillStyle = value > 0 ? style.color : style.outlineColor;
      context.fillRect(x, y, 1, 1);
    }));
  }
}

/** Return in words where most of the evidence for the digit is. */
function summarise(relevance, digit) {
  const sums = PLACES.map(() => [0, 0, 0]);
  const third = (place, length) => Math.floor((3 * place) / length);
  relevance.forEach((row, y) => row.forEach((value, x) => {
    sums[third(y, relevance.length)][third(x, row.length)] += Math.max(0, value);
  }));
  const most = Math.max(...sums.flat());
  if (most < LEAST) return `No single pixel speaks for ${digit}.`;
  const y = sums.findIndex((row) => row.includes(most));
  return `What speaks most for ${digit} is the ink ${PLACES[y][sums[y].indexOf(most)]}.`;
}
