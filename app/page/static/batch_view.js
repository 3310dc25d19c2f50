// Many pictures: asked a few at a time, sorted by doubt, corrected by key press.

import { predict } from "./api.js";
import { byId, make } from "./dom.js";
import { persist } from "./retry.js";
import { percent } from "./format.js";

const AT_ONCE = 4;
const NONE = "none"; // the visitor's word for a picture that shows none of the digits

export class Stack {
  #grid = byId("grid");
  #items = [];
  #waiting = [];
  #running = 0;
  #controller = new AbortController();
  #selected = null;
  #model = null;
  saved = true;

  /** `selected(file)` is called when the visitor looks at a picture, `finished(summary)` at the end. */
  constructor(notice, { selected, finished }) {
    Object.assign(this, { notice, selected, finished });
    this.#grid.addEventListener("click", ({ target }) => this.#select(this.#itemOf(target), true));
    this.#grid.addEventListener("focusin", ({ target }) => this.#select(this.#itemOf(target)));
    this.#grid.addEventListener("keydown", (event) => this.press(event));
  }

  get empty() {
    return this.#items.length === 0;
  }

  /** Offer a button for each digit, and one for none of them. */
  setLabels(labels) {
    const button = (verdict) =>
      make("button", { type: "button", onclick: () => this.#judge(verdict) }, String(verdict));
    this.labels = labels;
    byId("verdicts").replaceChildren(...[...labels, NONE].map(button));
  }

  add(files, model) {
    this.#model = model;
    const items = files.map(makeItem);
    this.#items.push(...items);
    this.#grid.append(...items.map(({ element }) => element));
    this.#ask(items);
    byId("stack").scrollIntoView({ block: "nearest" });
  }

  /** Ask another model about every picture; what the visitor said stays. */
  askAgain(model) {
    this.#model = model;
    this.#controller.abort();
    this.#controller = new AbortController();
    this.#waiting = [];
    for (const item of this.#items) Object.assign(item, { answer: null, problem: null });
    this.#ask(this.#items);
  }

  clear() {
    this.#controller.abort();
    this.#controller = new AbortController();
    for (const { url } of this.#items) URL.revokeObjectURL(url);
    this.#items = [];
    this.#waiting = [];
    this.#selected = null;
    this.saved = true;
    this.#grid.replaceChildren();
    this.#summarise();
  }

  /** Return the table: a row of headings, then one for each picture as it stands in the grid. */
  rows() {
    const headings = ["file", "digit", "confidence", "decision", "reason", "correction", "model", "weights_sha256", "error"];
    return [headings, ...this.#items.map(({ file, answer, problem, verdict }) => [
      file.name,
      answer?.digit ?? "",
      answer?.confidence ?? "",
      answer?.decision ?? "",
      answer?.reason ?? "",
      verdict ?? "",
      answer?.model.name ?? "",
      answer?.model.sha256 ?? "",
      problem ?? "",
    ])];
  }

  /** Do what a key asks for. */
  press(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || !this.#selected) return;
    const verdict = this.labels.find((label) => String(label) === event.key);
    const step = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: this.#columns(), ArrowUp: -this.#columns() }[event.key];
    if (verdict !== undefined) this.#judge(verdict);
    else if (event.key === "x") this.#judge(NONE);
    else if (event.key === "Enter" && this.#selected.answer) this.#judge(this.#selected.answer.digit);
    else if (event.key === "Delete" || event.key === "Backspace") this.#judge(null, 0);
    else if (step) this.#go(this.#items.indexOf(this.#selected) + step);
    else if (event.key === "Home") this.#go(0);
    else if (event.key === "End") this.#go(this.#items.length - 1);
    else return;
    event.preventDefault();
  }

  #ask(items) {
    this.#waiting.push(...items);
    for (const item of items) show(item);
    this.#summarise();
    while (this.#running < AT_ONCE && this.#waiting.length) this.#work();
  }

  async #work() {
    this.#running += 1;
    while (this.#waiting.length) await this.#answer(this.#waiting.shift());
    this.#running -= 1;
    if (this.#running === 0 && !this.empty) this.#sort();
  }

  async #answer(item) {
    const { signal } = this.#controller;
    const options = { model: this.#model, include: ["input"], signal };
    try {
      item.answer = (await persist(() => predict(item.file, options), signal, this.notice)).answer;
    } catch (error) {
      if (signal.aborted) return;
      item.problem = error.message;
    }
    show(item);
    this.#summarise();
  }

  #sort() {
    const focused = document.activeElement;
    this.#items.sort((a, b) => certainty(a) - certainty(b));
    this.#grid.append(...this.#items.map(({ element }) => element));
    if (this.#grid.contains(focused)) focused.focus();
    else this.#select(this.#items[0]);
    this.finished(this.#summarise());
  }

  #itemOf(target) {
    return this.#items.find(({ element }) => element.contains(target));
  }

  #select(item, focus = false) {
    if (!item) return;
    if (item !== this.#selected) {
      this.#mark(false);
      this.#selected = item;
      this.#mark(true);
      this.selected(item.file);
    }
    if (focus) item.element.focus();
  }

  #mark(selected) {
    if (!this.#selected) return;
    this.#selected.element.tabIndex = selected ? 0 : -1;
    this.#selected.element.ariaSelected = String(selected);
  }

  #go(number) {
    const item = this.#items[Math.min(this.#items.length - 1, Math.max(0, number))];
    this.#select(item, true);
  }

  /** Note what the visitor says of the selected picture, and move on. */
  #judge(verdict, step = 1) {
    const item = this.#selected;
    if (!item) return;
    item.verdict = verdict;
    this.saved = false;
    show(item);
    this.#summarise();
    this.#go(this.#items.indexOf(item) + step);
  }

  #columns() {
    const top = this.#items[0].element.offsetTop;
    return this.#items.filter(({ element }) => element.offsetTop === top).length;
  }

  #summarise() {
    const count = (test) => this.#items.filter(test).length;
    const parts = [
      [count(({ answer }) => answer?.decision === "accept"), "accepted"],
      [count(({ answer }) => answer?.decision === "abstain"), "abstained"],
      [count(({ problem }) => problem), "unreadable"],
      [count(({ answer, problem }) => !answer && !problem), "waiting"],
      [count(({ verdict }) => verdict != null), "checked"],
    ];
    const text = parts.filter(([number]) => number).map((part) => part.join(" ")).join(", ");
    byId("stack").hidden = this.empty;
    return (byId("summary").textContent = `${this.#items.length} pictures: ${text}`);
  }
}

/** Return how little doubt there is: unreadable, then abstained, then accepted. */
function certainty({ answer }) {
  if (!answer) return -1;
  return answer.confidence + (answer.decision === "accept" ? 1 : 0);
}

function makeItem(file) {
  const url = URL.createObjectURL(file);
  const part = (className) => make("span", { className });
  const parts = { digit: part("digit"), confidence: part("confidence"), decision: part("decision"), name: part("file-name") };
  const picture = make("img", { src: url, alt: "", loading: "lazy", decoding: "async" });
  const element = make("div", { className: "tile", role: "option", tabIndex: -1, ariaSelected: "false", dataset: { testid: "row" } });
  element.append(picture, ...Object.values(parts));
  const item = { file, url, element, parts, answer: null, problem: null, verdict: null };
  // TIFF is read by the service, but shown by few browsers.
  picture.addEventListener("error", () => (picture.hidden = true));
  return item;
}

function show({ file, element, parts, answer, problem, verdict }) {
  const checked = verdict === answer?.digit ? "confirmed" : `corrected, was ${answer?.digit ?? "unread"}`;
  element.dataset.state = problem ? "problem" : (answer?.decision ?? "waiting");
  element.classList.toggle("checked", verdict !== null);
  parts.digit.classList.toggle("word", verdict === NONE);
  parts.digit.textContent = verdict ?? answer?.digit ?? (problem ? "!" : "·");
  parts.confidence.textContent = answer ? percent(answer.confidence) : "";
  parts.decision.textContent = verdict !== null ? checked : (problem ?? answer?.decision ?? "waiting");
  parts.name.textContent = file.name;
}
