// The files to check: each is read as a sheet or as one digit, and stored in this browser.

import { predict, readSheet } from "./api.js";
import { withRetry } from "./retry.js";
import { documentType, isSheet, mayBeSheet, toPages } from "./sheet_file.js";
import { Store } from "./store.js";
import { isOpen } from "./verdict.js";

const MAX_CONCURRENT = 4; // requests

export class Work {
  #waiting = [];
  #running = 0;
  #controller = new AbortController();
  #model = null;
  entries = []; // in the order of the files
  stored = true; // false if the browser keeps nothing

  /** `onChange(entry)` is called for each new answer or verdict, `onFinish()` after the last answer. */
  constructor(notice, { onChange, onFinish, onClear }) {
    Object.assign(this, { notice, onChange, onFinish, onClear });
    this.store = new Store({ onFailure: () => (this.stored = false), onClear: () => this.#forget() });
  }

  get empty() {
    return this.entries.length === 0;
  }

  /** Return the pictures and boxes that a visitor can judge. */
  get items() {
    return this.entries.flatMap((entry) => entry.pages?.flatMap(({ boxes }) => boxes) ?? [entry]);
  }

  get open() {
    return this.items.filter(isOpen).length;
  }

  get waiting() {
    return this.entries.filter(isWaiting).length;
  }

  /** Continue with the work that this browser has stored. */
  async restore(model) {
    this.#model = model;
    this.entries = await this.store.all();
    for (const entry of this.entries) this.onChange(entry);
    this.#enqueue(this.entries.filter(isWaiting));
    if (!this.empty && !this.waiting) this.onFinish();
  }

  /** Add files; `pages` are those of the first file, if it is known to be a sheet. */
  add(files, model, pages = null) {
    this.#model = model;
    const first = Date.now() * 1000;
    const added = files.map((file, number) => makeEntry(first + number, file));
    if (pages) added[0].pages = pages;
    this.entries.push(...added);
    this.store.add(added);
    for (const entry of added) this.onChange(entry);
    this.#enqueue(added.filter(isWaiting));
    if (pages) this.onFinish();
  }

  /** Read every file again with another model; the verdicts stay. */
  repeatWith(model) {
    this.#model = model;
    this.#abort();
    this.#enqueue(this.entries);
  }

  /** Store the visitor's verdict on a picture or a box of an entry. */
  judge(entry, item, verdict) {
    item.verdict = verdict;
    this.store.save(entry);
    this.onChange(entry);
  }

  /** Delete all files, answers and verdicts, in this browser, too. */
  async clear() {
    this.#forget();
    await this.store.clear();
  }

  /** Return the pages of a file if it is a sheet, else null. */
  async findSheet(file, model, signal = this.#controller.signal) {
    if (!(await mayBeSheet(file))) return null;
    const type = await documentType(file);
    try {
      const pages = toPages(await withRetry(() => readSheet(file, { model, type, signal }), signal, this.notice));
      return isSheet(pages) || type === "pdf" ? pages : null;
    } catch (error) {
      if (signal.aborted || ![404, 405, 501].includes(error.status) || type === "pdf") throw error;
      return null; // this service reads no sheets
    }
  }

  #forget() {
    this.#abort();
    this.entries = [];
    this.onClear();
  }

  #abort() {
    this.#controller.abort();
    this.#controller = new AbortController();
    this.#waiting = [];
  }

  #enqueue(entries) {
    this.#waiting.push(...entries);
    while (this.#running < MAX_CONCURRENT && this.#waiting.length) this.#runWorker();
  }

  async #runWorker() {
    this.#running += 1;
    while (this.#waiting.length) await this.#read(this.#waiting.shift());
    this.#running -= 1;
    if (this.#running === 0 && !this.empty) this.onFinish();
  }

  async #read(entry) {
    const { signal } = this.#controller;
    try {
      const pages = await this.findSheet(entry.file, this.#model, signal);
      const answer = pages ? null : await this.#predict(entry.file, signal);
      if (signal.aborted) return;
      if (pages && entry.pages) keepVerdicts(entry.pages, pages);
      Object.assign(entry, { pages, answer, problem: null });
    } catch (error) {
      if (signal.aborted) return;
      entry.problem = error.message;
    }
    this.store.save(entry);
    this.onChange(entry);
  }

  async #predict(file, signal) {
    const options = { model: this.#model, include: ["input"], signal };
    return (await withRetry(() => predict(file, options), signal, this.notice)).answer;
  }
}

/** Return a file that is not read yet; `id` gives the order. */
function makeEntry(id, file) {
  return { id, file, name: file.path || file.webkitRelativePath || file.name, pages: null, answer: null, problem: null, verdict: null };
}

function isWaiting({ pages, answer, problem }) {
  return !pages && !answer && !problem;
}

/** Copy the verdicts of pages that have the same boxes. */
function keepVerdicts(before, after) {
  after.forEach(({ boxes }, page) => {
    const known = before[page]?.boxes ?? [];
    if (known.length === boxes.length) boxes.forEach((box, number) => (box.verdict = known[number].verdict));
  });
}
