// Batch view: predicts many pictures, sorts them by confidence, takes corrections by key press.

import { predict } from "./api.js";
import { byId, make } from "./dom.js";
import { confidence, digit, isBlank } from "./format.js";
import { withRetry } from "./retry.js";

const MAX_CONCURRENT = 4; // requests
const NONE = "none"; // correction: the picture shows none of the digits

export class BatchView {
  #grid = byId("grid");
  #items = [];
  #waiting = [];
  #running = 0;
  #controller = new AbortController();
  #selected = null;
  #model = null;
  saved = true;

  /** `onSelect(file)` is called for each selected picture, `onFinish(summary)` after the last answer. */
  constructor(notice, { onSelect, onFinish }) {
    Object.assign(this, { notice, onSelect, onFinish });
    this.#grid.addEventListener("click", ({ target }) => this.#select(this.#itemOf(target), true));
    this.#grid.addEventListener("focusin", ({ target }) => this.#select(this.#itemOf(target)));
    this.#grid.addEventListener("keydown", (event) => this.handleKey(event));
  }

  get empty() {
    return this.#items.length === 0;
  }

  /** Create a button for each label, and one for none of them. */
  setLabels(labels) {
    const button = (verdict) =>
      make("button", { type: "button", onclick: () => this.#setVerdict(verdict) }, String(verdict));
    this.labels = labels;
    byId("verdicts").replaceChildren(...[...labels, NONE].map(button));
  }

  add(files, model) {
    this.#model = model;
    const items = files.map(makeItem);
    this.#items.push(...items);
    this.#grid.append(...items.map(({ element }) => element));
    this.#enqueue(items);
    byId("stack").scrollIntoView({ block: "nearest" });
  }

  /** Predict every picture again with another model; the corrections stay. */
  repeatWith(model) {
    this.#model = model;
    this.#controller.abort();
    this.#controller = new AbortController();
    this.#waiting = [];
    for (const item of this.#items) Object.assign(item, { answer: null, problem: null });
    this.#enqueue(this.#items);
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

  /** Return a table: a row of headings, then one row for each picture in the order of the grid. */
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

  /** Handle a key: correct, confirm, move, or remove a correction. */
  handleKey(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || !this.#selected) return;
    const verdict = this.labels.find((label) => String(label) === event.key);
    const step = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: this.#columns(), ArrowUp: -this.#columns() }[event.key];
    if (verdict !== undefined) this.#setVerdict(verdict);
    else if (event.key === "x") this.#setVerdict(NONE);
    else if (event.key === "Enter" && this.#selected.answer) this.#setVerdict(verdictOf(this.#selected.answer));
    else if (event.key === "Delete" || event.key === "Backspace") this.#setVerdict(null, 0);
    else if (step) this.#selectAt(this.#items.indexOf(this.#selected) + step);
    else if (event.key === "Home") this.#selectAt(0);
    else if (event.key === "End") this.#selectAt(this.#items.length - 1);
    else return;
    event.preventDefault();
  }

  #enqueue(items) {
    this.#waiting.push(...items);
    for (const item of items) render(item);
    this.#summarise();
    while (this.#running < MAX_CONCURRENT && this.#waiting.length) this.#runWorker();
  }

  async #runWorker() {
    this.#running += 1;
    while (this.#waiting.length) await this.#predict(this.#waiting.shift());
    this.#running -= 1;
    if (this.#running === 0 && !this.empty) this.#sort();
  }

  async #predict(item) {
    const { signal } = this.#controller;
    const options = { model: this.#model, include: ["input"], signal };
    try {
      item.answer = (await withRetry(() => predict(item.file, options), signal, this.notice)).answer;
    } catch (error) {
      if (signal.aborted) return;
      item.problem = error.message;
    }
    render(item);
    this.#summarise();
  }

  #sort() {
    const focused = document.activeElement;
    this.#items.sort((a, b) => sortKey(a) - sortKey(b));
    this.#grid.append(...this.#items.map(({ element }) => element));
    if (this.#grid.contains(focused)) focused.focus();
    else this.#select(this.#items[0]);
    this.onFinish(this.#summarise());
  }

  #itemOf(target) {
    return this.#items.find(({ element }) => element.contains(target));
  }

  #select(item, focus = false) {
    if (!item) return;
    if (item !== this.#selected) {
      this.#setSelected(false);
      this.#selected = item;
      this.#setSelected(true);
      this.onSelect(item.file);
    }
    if (focus) item.element.focus();
  }

  #setSelected(selected) {
    if (!this.#selected) return;
    this.#selected.element.tabIndex = selected ? 0 : -1;
    this.#selected.element.ariaSelected = String(selected);
  }

  #selectAt(number) {
    const item = this.#items[Math.min(this.#items.length - 1, Math.max(0, number))];
    this.#select(item, true);
  }

  /** Store the visitor's verdict on the selected picture, and select the next one. */
  #setVerdict(verdict, step = 1) {
    const item = this.#selected;
    if (!item) return;
    item.verdict = verdict;
    this.saved = false;
    render(item);
    this.#summarise();
    this.#selectAt(this.#items.indexOf(item) + step);
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

/** Return the verdict that confirms an answer: its digit, or none for a blank picture. */
function verdictOf(answer) {
  return isBlank(answer) ? NONE : answer.digit;
}

/** Return the sort key: unreadable first, then abstained, then accepted, each by confidence. */
function sortKey({ answer }) {
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
  // Few browsers can display TIFF; the service reads it.
  picture.addEventListener("error", () => (picture.hidden = true));
  return item;
}

function render({ file, element, parts, answer, problem, verdict }) {
  const confirmed = answer && verdict === verdictOf(answer);
  const checked = confirmed ? "confirmed" : `corrected, was ${answer ? digit(answer) : "unread"}`;
  element.dataset.state = problem ? "problem" : (answer?.decision ?? "waiting");
  element.classList.toggle("checked", verdict !== null);
  parts.digit.classList.toggle("word", verdict === NONE);
  parts.digit.textContent = verdict ?? (answer ? digit(answer) : problem ? "!" : "·");
  parts.confidence.textContent = answer ? confidence(answer) : "";
  parts.decision.textContent = verdict !== null ? checked : (problem ?? answer?.decision ?? "waiting");
  parts.name.textContent = file.name;
}
