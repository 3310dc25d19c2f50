// View of the models: selection, and their answers side by side.

import { byId, make } from "./dom.js";
import { confidence, digit, percent, range } from "./format.js";

export class ModelsView {
  #select = byId("model");
  #answers = new Map();
  cards = [];

  /** `onChange()` is called when the visitor selects another model. */
  constructor(onChange) {
    this.#select.addEventListener("change", onChange);
  }

  /** Return the name of the selected model; null before the models are loaded. */
  get name() {
    return this.#select.value || null;
  }

  /** Return the labels of the selected model. */
  get labels() {
    return this.cards.find(({ name }) => name === this.name).labels;
  }

  /** Return the names of the models that are not selected. */
  get others() {
    return this.cards.map(({ name }) => name).filter((name) => name !== this.name);
  }

  setCards(cards) {
    this.cards = cards;
    this.#select.replaceChildren(...cards.map(({ name }) => make("option", { value: name }, name)));
    byId("models").replaceChildren(...cards.map((card) => this.#makeCard(card)));
  }

  show(name, answer) {
    const [figure, words] = this.#answers.get(name);
    figure.textContent = digit(answer);
    words.textContent = [confidence(answer), answer.decision].filter(Boolean).join(", ");
    figure.parentElement.dataset.decision = answer.decision;
  }

  reset() {
    for (const [figure, words] of this.#answers.values()) {
      figure.textContent = "";
      words.textContent = "no answer yet";
      delete figure.parentElement.dataset.decision;
    }
  }

  #makeCard(card) {
    const figure = make("span", { className: "figure" });
    const words = make("span", {}, "no answer yet");
    this.#answers.set(card.name, [figure, words]);
    const link = make("a", { href: `v1/models/${encodeURIComponent(card.name)}` }, "The whole card");
    return make(
      "article",
      { dataset: { testid: `card-${card.name}` } },
      make("h3", {}, card.name, make("span", {}, ` version ${card.version}, digits ${range(card.labels)}`)),
      make("p", { className: "said" }, figure, words),
      make("dl", {}, ...facts(card).flatMap(([term, text]) => [make("dt", {}, term), make("dd", {}, text)])),
      make("p", {}, link),
    );
  }
}

function facts({ metrics, architecture, parameters, recipe, created, sha256 }) {
  const count = (number) => number.toLocaleString("en");
  const { test_accuracy: accuracy, test_errors: errors, test_images: images } = metrics;
  const rows = [
    ["Architecture", `${architecture}, ${count(parameters)} parameters`],
    ["Trained", [recipe.name && `recipe ${recipe.name}`, created].filter(Boolean).join(", ")],
    ["Weights", `${sha256.slice(0, 12)}…`],
  ];
  if (accuracy !== undefined) {
    const wrong = images && errors !== undefined ? `, ${count(errors)} of ${count(images)} wrong` : "";
    rows.unshift(["On test images", `${percent(accuracy)}${wrong}`]);
  }
  return rows;
}
