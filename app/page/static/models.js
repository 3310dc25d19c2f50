// View of the models and their versions: selection, and their answers side by side.

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

  /** Return the selected model as {name, version}; null before the models are loaded. */
  get selected() {
    const card = this.#selectedCard;
    return card ? target(card) : null;
  }

  /** Return the labels of the selected model. */
  get labels() {
    return this.#selectedCard.labels;
  }

  /** Return the models and versions that are not selected, as {name, version}. */
  get others() {
    return this.cards.filter((card) => card !== this.#selectedCard).map(target);
  }

  get #selectedCard() {
    return this.cards.find((card) => key(target(card)) === this.#select.value);
  }

  setCards(cards) {
    this.cards = cards;
    this.#select.replaceChildren(...cards.map((card) => make("option", { value: key(target(card)) }, title(card))));
    byId("models").replaceChildren(...cards.map((card) => this.#makeCard(card)));
  }

  /** Show the answer of a model, {name, version}. */
  show(model, answer) {
    const [figure, words] = this.#answers.get(key(model));
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
    const model = target(card);
    this.#answers.set(key(model), [figure, words]);
    const query = model.version ? `?version=${encodeURIComponent(model.version)}` : "";
    const link = make("a", { href: `v1/models/${encodeURIComponent(card.name)}${query}` }, "The whole card");
    const about = [` version ${card.version}`, roleName(card), `digits ${range(card.labels)}`];
    return make(
      "article",
      { dataset: { testid: `card-${key(model)}` } },
      make("h3", {}, card.name, make("span", {}, about.filter(Boolean).join(", "))),
      make("p", { className: "said" }, figure, words),
      make("dl", {}, ...facts(card).flatMap(([term, text]) => [make("dt", {}, term), make("dd", {}, text)])),
      make("p", {}, link),
    );
  }
}

/** Return the model of a card as {name, version}; `version` is null if the model has one version. */
function target({ name, version, role }) {
  return { name, version: role === null ? null : version };
}

/** Return the text that tells models and versions apart. */
function key({ name, version }) {
  return version ? `${name}:${version}` : name;
}

function title(card) {
  if (card.role === null) return card.name;
  return [`${card.name} version ${card.version}`, roleName(card)].filter(Boolean).join(", ");
}

/** Return the role of a version, or null if it has none. */
function roleName({ role }) {
  return role === "none" ? null : role;
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
