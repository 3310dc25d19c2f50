// The files to check: each is read as a sheet or as one digit, and stored in this browser.

import { predict, readSheet } from "./api.js";
import { addGrid, boxAt, keepVerdicts, removeGrid } from "./grid.js";
import { withRetry } from "./retry.js";
import { documentType, isSheet, mayBeSheet, toPages } from "./sheet_file.js";
import { Store } from "./store.js";
import { isOpen } from "./verdict.js";

const MAX_CONCURRENT = 4; // requests

export class Work {
  #waiting = [];
  #running = 0;
  #controller = new AbortController();
  model = null; // that reads the files
  entries = []; // in the order of the files
  layout = null; // name of the saved layout of the sheets
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
    return this.entries.flatMap(itemsOf);
  }

  get open() {
    return this.items.filter(isOpen).length;
  }

  get waiting() {
    return this.entries.filter(isWaiting).length;
  }

  /** Continue with the work that this browser has stored. */
  async restore(model) {
    this.model = model;
    this.entries = await this.store.all();
    this.layout = this.entries.at(-1)?.layout ?? null;
    for (const entry of this.entries) this.onChange(entry);
    this.#enqueue(this.entries.filter(isWaiting));
    if (!this.empty && !this.waiting) this.onFinish();
  }

  /** Add files and return their entries; `pages` are those of the first file, if it is known to be a sheet. */
  add(files, model, pages = null) {
    this.model = model;
    const first = Date.now() * 1000;
    const added = files.map((file, number) => makeEntry(first + number, file, this.layout));
    if (pages) Object.assign(added[0], { pages, isSheet: true });
    this.entries.push(...added);
    this.store.add(added);
    for (const entry of added) this.onChange(entry);
    this.#enqueue(added.filter(isWaiting));
    if (pages) this.onFinish();
    return added;
  }

  /** Read every file again with another model or layout; the verdicts stay. */
  repeatWith(model) {
    this.model = model;
    for (const entry of this.entries) entry.layout = this.layout;
    this.#abort();
    this.#enqueue(this.entries);
  }

  /** Store the visitor's verdict on a picture or a box of an entry. */
  judge(entry, item, verdict) {
    item.verdict = verdict;
    this.#save(entry);
  }

  /** Store what the service has of a verdict: {id, verdict}, or null. */
  setSent(entry, item, sent) {
    item.sent = sent;
    if (sent) entry.kept = [...new Set(entry.kept).add(sent.id)];
    this.#save(entry);
  }

  /** Store that the service does not keep the feedback with this id any more. */
  forgetSent(id) {
    for (const entry of this.entries.filter(({ kept }) => kept?.includes(id))) {
      entry.kept = entry.kept.filter((other) => other !== id);
      for (const item of itemsOf(entry)) if (item.sent?.id === id) item.sent = null;
      this.#save(entry);
    }
  }

  /** Read a sheet again, so that the service remembers its boxes; answers and verdicts stay. */
  async renew(entry) {
    const { signal } = this.#controller;
    const pages = await this.findSheet(entry.file, this.model, { sheet: true, layout: entry.layout, signal });
    await this.#addGrids(entry, pages, signal);
    for (const [number, { boxes }] of entry.pages.entries()) {
      for (const box of boxes) box.request = boxAt(box, pages[number]?.boxes ?? [])?.request;
    }
  }

  /** Read the boxes of a grid that the visitor has marked on a page of a file, and add them to the page. */
  async mark(entry, number, grid) {
    const { signal } = this.#controller;
    const boxes = await this.#readGrid(entry, number, grid, signal);
    if (!signal.aborted) this.#setPage(entry, number, addGrid(entry.pages[number], grid, boxes));
  }

  /** Take back the grid that was marked last on a page. */
  unmark(entry, number) {
    this.#setPage(entry, number, removeGrid(entry.pages[number]));
  }

  /** Make a picture that was read as one digit a sheet, on which boxes can be marked. */
  async makeSheet(entry) {
    const { signal } = this.#controller;
    const pages = await this.findSheet(entry.file, this.model, { sheet: true, signal });
    if (signal.aborted) return;
    Object.assign(entry, { pages, isSheet: true, answer: null, problem: null, verdict: null, sent: null });
    this.#save(entry);
  }

  /** Delete all files, answers and verdicts, in this browser, too. */
  async clear() {
    this.#forget();
    await this.store.clear();
  }

  /** Return the pages of a file if it is a sheet, else null; `sheet` if it is one for sure. */
  async findSheet(file, model, { sheet = false, layout = this.layout, signal = this.#controller.signal } = {}) {
    if (!sheet && !(await mayBeSheet(file))) return null;
    const type = await documentType(file);
    const read = async (options) => toPages(await withRetry(() => readSheet(file, { model, type, signal, ...options }), signal, this.notice));
    try {
      const pages = await (layout ? readWithLayout(read, layout) : read());
      return sheet || layout || isSheet(pages) || type === "pdf" || pages.length > 1 ? pages : null;
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
      const { isSheet: sheet = false, layout } = entry;
      const pages = await this.findSheet(entry.file, this.model, { sheet, layout, signal });
      const answer = pages ? null : await this.#predict(entry.file, signal);
      if (pages && entry.pages) await this.#addGrids(entry, pages, signal);
      if (signal.aborted) return;
      for (const [number, { boxes }] of (pages && entry.pages ? entry.pages : []).entries()) keepVerdicts(boxes, pages[number]?.boxes ?? []);
      Object.assign(entry, { pages, answer, problem: null });
    } catch (error) {
      if (signal.aborted) return;
      entry.problem = error.message;
    }
    this.#save(entry);
  }

  /** Add the grids of the visitor to pages that were read again. */
  async #addGrids(entry, pages, signal) {
    for (const [number, { grids = [] }] of entry.pages.entries()) {
      for (const grid of pages[number] ? grids : []) {
        pages[number] = addGrid(pages[number], grid, await this.#readGrid(entry, number, grid, signal));
      }
    }
  }

  async #readGrid({ file }, number, grid, signal) {
    const options = { model: this.model, type: await documentType(file), layout: grid, page: number + 1, signal };
    const [page] = toPages(await withRetry(() => readSheet(file, options), signal, this.notice));
    return page.boxes;
  }

  #setPage(entry, number, page) {
    entry.pages = entry.pages.with(number, page);
    this.#save(entry);
  }

  #save(entry) {
    this.store.save(entry);
    this.onChange(entry);
  }

  async #predict(file, signal) {
    const options = { model: this.model, include: ["input"], signal };
    return (await withRetry(() => predict(file, options), signal, this.notice)).answer;
  }
}

/** Return a file that is not read yet; `id` gives the order. */
function makeEntry(id, file, layout) {
  return { id, file, layout, name: file.path || file.webkitRelativePath || file.name, isSheet: false, pages: null, answer: null, problem: null, verdict: null };
}

/** Return the pictures and boxes of an entry that a visitor can judge. */
export function itemsOf(entry) {
  return entry.pages?.flatMap(({ boxes }) => boxes) ?? [entry];
}

function isWaiting({ pages, answer, problem }) {
  return !pages && !answer && !problem;
}

/** Read a file with a layout; pages that do not fit it have no boxes, and the problem. */
async function readWithLayout(read, layout) {
  let pages, problem;
  try {
    pages = await read({ layout });
    if (!pages.some((page) => page.problem)) return pages;
  } catch (error) {
    if (error.kind !== "layout-mismatch") throw error;
    problem = error.message;
  }
  const plain = await read();
  return plain.map((page, number) => {
    const fits = pages && !pages[number].problem;
    return fits ? pages[number] : { ...page, boxes: [], fields: [], problem: pages?.[number].problem ?? problem };
  });
}
