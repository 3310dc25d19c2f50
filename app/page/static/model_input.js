// View of the model input: the picture, its preprocessing steps, and the relevance of its pixels.

import { byId, make } from "./dom.js";

const MIN_EVIDENCE = 0.5; // nats; less is not worth a sentence
const POSITIONS = [
  ["at the upper left", "at the top", "at the upper right"],
  ["at the left", "in the middle", "at the right"],
  ["at the lower left", "at the bottom", "at the lower right"],
];

export class ModelInputView {
  #image = byId("seen");
  #overlay = byId("relevance");
  #button = byId("explain");

  /** `onToggle()` is called when the visitor turns the explanation on or off. */
  constructor(onToggle) {
    this.#button.addEventListener("click", () => {
      this.#button.setAttribute("aria-pressed", String(!this.isExplaining));
      if (!this.isExplaining) this.#showRelevance(null);
      onToggle();
    });
  }

  get isExplaining() {
    return this.#button.getAttribute("aria-pressed") === "true";
  }

  show({ digit, input, explanation }) {
    this.#image.src = input.png;
    this.#image.alt = `The picture at ${input.pixels.length} by ${input.pixels[0].length} pixels, as the model saw it`;
    this.#image.hidden = false;
    const steps = input.steps.length ? input.steps : ["already in the form of the training data"];
    byId("steps").replaceChildren(...steps.map((step) => make("li", {}, step)));
    this.#showRelevance(explanation && this.isExplaining ? explanation.relevance : null, digit);
  }

  reset() {
    this.#image.hidden = true;
    byId("steps").replaceChildren();
    this.#showRelevance(null);
  }

  #showRelevance(relevance, digit) {
    this.#overlay.hidden = byId("explanation").hidden = !relevance;
    this.#image.classList.toggle("faint", Boolean(relevance));
    if (!relevance) return;
    this.#drawHeatmap(relevance);
    byId("explanation").querySelector("p").textContent = describeRelevance(relevance, digit);
  }

  #drawHeatmap(relevance) {
    const largest = Math.max(MIN_EVIDENCE, ...relevance.flat().map(Math.abs));
    const context = this.#overlay.getContext("2d");
    const style = getComputedStyle(this.#overlay);
    this.#overlay.height = relevance.length;
    this.#overlay.width = relevance[0].length;
    relevance.forEach((row, y) => row.forEach((value, x) => {
      context.globalAlpha = Math.sqrt(Math.abs(value) / largest);
      context.fillStyle = value > 0 ? style.color : style.outlineColor;
      context.fillRect(x, y, 1, 1);
    }));
  }
}

/** Describe in a sentence where the evidence for the digit is. */
function describeRelevance(relevance, digit) {
  const sums = POSITIONS.map(() => [0, 0, 0]);
  const third = (index, length) => Math.floor((3 * index) / length);
  relevance.forEach((row, y) => row.forEach((value, x) => {
    sums[third(y, relevance.length)][third(x, row.length)] += Math.max(0, value);
  }));
  const largest = Math.max(...sums.flat());
  if (largest < MIN_EVIDENCE) return `No single pixel speaks for ${digit}.`;
  const y = sums.findIndex((row) => row.includes(largest));
  return `What speaks most for ${digit} is the ink ${POSITIONS[y][sums[y].indexOf(largest)]}.`;
}
