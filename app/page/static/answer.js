// View of the answer: digit, decision with its reason, and a bar chart of the probabilities.

import { byId, make } from "./dom.js";
import { confidence, digit, isBlank, percent, reason } from "./format.js";

export class AnswerView {
  #section = byId("answer");
  #bars = new Map();

  /** Create one bar for each label. */
  setLabels(labels) {
    this.#bars = new Map(labels.map((label) => [String(label), makeBar(label)]));
    byId("bars").replaceChildren(...[...this.#bars.values()].map(({ row }) => row));
    this.reset();
  }

  show(answer, milliseconds) {
    this.#section.dataset.decision = answer.decision;
    this.#write(digit(answer), confidence(answer), answer.decision, reason(answer));
    byId("time").textContent = `answered in ${Math.max(1, Math.round(milliseconds))} ms`;
    if (isBlank(answer)) return this.#resetBars();
    for (const [label, { row, fill, text }] of this.#bars) {
      const probability = answer.probabilities[label] ?? 0; // none for the bars of another model
      row.classList.toggle("likeliest", Number(label) === answer.digit);
      fill.style.width = `${probability * 100}%`;
      text.textContent = percent(probability);
    }
  }

  reset() {
    delete this.#section.dataset.decision;
    this.#write("", "", "", "It appears here while you draw.");
    byId("time").textContent = "";
    this.#resetBars();
  }

  #resetBars() {
    for (const { row, fill, text } of this.#bars.values()) {
      row.classList.remove("likeliest");
      fill.style.width = "0";
      text.textContent = "";
    }
  }

  #write(digit, confidence, decision, why) {
    const find = (name) => this.#section.querySelector(`.${name}`);
    find("digit").textContent = digit;
    find("confidence").textContent = confidence;
    find("decision").textContent = decision;
    find("decision").hidden = !decision;
    find("reason").textContent = why;
  }
}

function makeBar(label) {
  const fill = make("span", { className: "fill" });
  const text = make("span", { className: "share" });
  const track = make("span", { className: "track" }, fill);
  const row = make("li", { dataset: { testid: `bar-${label}` } });
  row.append(make("span", { className: "label" }, String(label)), track, text);
  return { row, fill, text };
}
