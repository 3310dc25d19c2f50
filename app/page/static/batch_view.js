// Batch view: tiles of pictures of one digit, sorted by confidence, corrected by key press.

import { byId, make } from "./dom.js";
import { confidence } from "./format.js";
import { NONE, isSent, readAs, shownDigit, status, why } from "./verdict.js";
import { makeVerdictButtons, verdictOfKey } from "./verdict_keys.js";

export class BatchView {
  #grid = byId("grid");
  #tiles = new Map(); // by entry, in the order of the grid
  #selected = null; // entry

  /** `onSelect(file, entry)` is called for each selected picture, `onVerdict(entry, verdict)` for each verdict. */
  constructor({ onSelect, onVerdict }) {
    Object.assign(this, { onSelect, onVerdict });
    this.#grid.addEventListener("click", ({ target }) => this.#select(this.#entryOf(target), true));
    this.#grid.addEventListener("focusin", ({ target }) => this.#select(this.#entryOf(target)));
    this.#grid.addEventListener("keydown", (event) => this.handleKey(event));
    byId("verdicts").append(...makeVerdictButtons((verdict) => this.#judge(verdict)));
  }

  get empty() {
    return this.#tiles.size === 0;
  }

  /** Show the state of an entry; one that is a sheet has no tile. */
  update(entry) {
    const tile = this.#tiles.get(entry);
    if (entry.pages) this.#remove(entry);
    else if (tile) render(tile, entry);
    else this.#add(entry);
    this.#summarise();
  }

  clear() {
    for (const entry of [...this.#tiles.keys()]) this.#remove(entry);
    this.#summarise();
  }

  /** Sort the tiles: the most doubtful first, unreadable files last. */
  sort() {
    const focused = document.activeElement;
    this.#tiles = new Map([...this.#tiles].sort(([a], [b]) => sortKey(a) - sortKey(b)));
    this.#grid.append(...[...this.#tiles.values()].map(({ element }) => element));
    if (this.#grid.contains(focused)) focused.focus();
    else this.#select(this.#entries[0]);
  }

  /** Handle a key: correct, confirm, move, or take a verdict back. */
  handleKey(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || !this.#selected) return;
    const verdict = verdictOfKey(event.key, this.#selected);
    const step = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: this.#columns(), ArrowUp: -this.#columns() }[event.key];
    if (verdict !== undefined) this.#judge(verdict);
    else if (step) this.#selectAt(this.#entries.indexOf(this.#selected) + step);
    else if (event.key === "Home") this.#selectAt(0);
    else if (event.key === "End") this.#selectAt(this.#entries.length - 1);
    else return;
    event.preventDefault();
  }

  get #entries() {
    return [...this.#tiles.keys()];
  }

  #add(entry) {
    const tile = makeTile(entry.file);
    this.#tiles.set(entry, tile);
    this.#grid.append(tile.element);
    render(tile, entry);
  }

  #remove(entry) {
    const tile = this.#tiles.get(entry);
    if (!tile) return;
    URL.revokeObjectURL(tile.url);
    tile.element.remove();
    this.#tiles.delete(entry);
    if (this.#selected === entry) this.#selected = null;
  }

  #entryOf(target) {
    return this.#entries.find((entry) => this.#tiles.get(entry).element.contains(target));
  }

  #select(entry, focus = false) {
    if (!entry) return;
    if (entry !== this.#selected) {
      this.#setSelected(false);
      this.#selected = entry;
      this.#setSelected(true);
      this.onSelect(entry.file, entry);
    }
    if (focus) this.#tiles.get(entry).element.focus();
  }

  #setSelected(selected) {
    if (!this.#selected) return;
    const { element } = this.#tiles.get(this.#selected);
    element.tabIndex = selected ? 0 : -1;
    element.ariaSelected = String(selected);
  }

  #selectAt(number) {
    const entries = this.#entries;
    this.#select(entries[Math.min(entries.length - 1, Math.max(0, number))], true);
  }

  /** Store the visitor's verdict on the selected picture, and select the next one unless it is taken back. */
  #judge(verdict) {
    const entry = this.#selected;
    if (!entry) return;
    this.onVerdict(entry, verdict);
    this.#selectAt(this.#entries.indexOf(entry) + (verdict === null ? 0 : 1));
  }

  #columns() {
    const elements = [...this.#tiles.values()].map(({ element }) => element);
    return elements.filter(({ offsetTop }) => offsetTop === elements[0].offsetTop).length;
  }

  #summarise() {
    const entries = this.#entries;
    const count = (test) => entries.filter(test).length;
    const parts = [
      [count(({ answer }) => answer?.decision === "accept"), "accepted"],
      [count(({ answer }) => answer?.reason === "blank"), "empty"],
      [count(({ answer }) => answer?.decision === "abstain" && answer.reason !== "blank"), "doubtful"],
      [count(({ problem }) => problem), "unreadable"],
      [count(({ answer, problem }) => !answer && !problem), "waiting"],
      [count(({ verdict }) => verdict != null), "checked"],
    ];
    const text = parts.filter(([number]) => number).map((part) => part.join(" ")).join(", ");
    byId("stack").hidden = this.empty;
    byId("summary").textContent = `${entries.length} picture${entries.length === 1 ? "" : "s"}: ${text}`;
  }
}

/** Return the sort key: doubtful pictures first, then empty, accepted and unreadable ones, each by confidence. */
function sortKey({ answer }) {
  if (!answer) return 4;
  if (answer.reason === "blank") return 1;
  return answer.confidence + (answer.decision === "accept" ? 2 : 0) - 0.001;
}

function makeTile(file) {
  const url = URL.createObjectURL(file);
  const part = (className) => make("span", { className });
  const parts = { digit: part("digit"), confidence: part("confidence"), decision: part("decision"), name: part("file-name") };
  const picture = make("img", { src: url, alt: "", loading: "lazy", decoding: "async" });
  const element = make("div", { className: "tile", role: "option", tabIndex: -1, ariaSelected: "false", dataset: { testid: "row" } });
  element.append(picture, ...Object.values(parts));
  // Few browsers can display TIFF; the service reads it.
  picture.addEventListener("error", () => (picture.hidden = true));
  return { element, url, parts };
}

function render({ element, parts }, entry) {
  const { answer, problem, verdict, name } = entry;
  const was = answer ? (readAs(answer) === NONE ? why(answer) : answer.digit) : "unread";
  const checked = (status(entry) === "confirmed" ? "confirmed" : `corrected, was ${was}`) + (isSent(entry) ? ", sent" : "");
  element.dataset.state = problem ? "problem" : (answer?.decision ?? "waiting");
  element.classList.toggle("checked", verdict != null);
  parts.digit.classList.toggle("word", verdict === NONE);
  parts.digit.textContent = verdict === NONE ? "none" : answer || verdict != null ? shownDigit(entry) : problem ? "!" : "·";
  parts.confidence.textContent = answer && readAs(answer) !== NONE ? confidence(answer) : "";
  parts.decision.textContent = verdict != null ? checked : (problem ?? (answer ? why(answer) || "accepted" : "waiting"));
  parts.name.textContent = name;
}
