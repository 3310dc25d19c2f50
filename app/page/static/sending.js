// Sending of verdicts to the service, which stores them as feedback: only when the visitor presses the button.

import { deleteFeedback, storeLabel, storePicture } from "./api.js";
import { byId } from "./dom.js";
import { withRetry } from "./retry.js";
import { NONE, isPending, status } from "./verdict.js";
import { itemsOf } from "./work.js";

const MAX_CONCURRENT = 4; // files
const DELETE = " \u201cDelete everything\u201d deletes only in this browser: press \u201cDelete what was sent\u201d before it.";

export class Sending {
  #button = byId("send");
  #deleteButton = byId("unsend");
  #keeps = JSON.parse(byId("feedback").dataset.keeps); // {originals, days}; null if the service stores no feedback
  #controller = new AbortController();
  #renewed = new Set(); // sheets that were read again
  #run = null; // {total, done, failed, problem} while something is sent, and after it
  #isRunning = false;
  #isWaiting = false; // for the next try

  /** `work` has the verdicts. */
  constructor(work) {
    this.work = work;
    // The button of a notice: it also ends the wait for the next try.
    this.notice = { button: this.#button, showSlow: () => {}, showRetry: (problem) => this.#wait(problem), clear: () => this.#resume() };
    this.#button.addEventListener("click", () => this.#start((entry) => itemsOf(entry).filter(isPending), (...item) => this.#send(...item)));
    this.#deleteButton.addEventListener("click", () => this.#start(({ kept = [] }) => kept, (...id) => this.#delete(...id)));
  }

  /** Show what can be sent, and what was sent. */
  update() {
    byId("feedback").hidden = !this.#keeps || this.work.empty;
    if (byId("feedback").hidden) return;
    const items = this.work.items;
    const pending = items.filter(isPending);
    this.#button.textContent = this.#isWaiting ? "Try now" : this.#isRunning ? "Please wait\u2026" : buttonText(pending);
    setDisabled(this.#button, this.#isRunning ? !this.#isWaiting : !pending.length);
    setDisabled(this.#deleteButton, this.#isRunning);
    const sent = items.filter((item) => item.sent).length;
    const keeps = this.work.entries.some(({ kept }) => kept?.length);
    this.#deleteButton.hidden = !keeps;
    byId("only").hidden = keeps;
    setText(byId("keeps"), describe(this.#keeps) + (keeps ? DELETE : ""));
    setText(byId("sending"), this.#text(sent, keeps));
  }

  /** Stop, and forget what was done. */
  stop() {
    this.#controller.abort();
    this.#controller = new AbortController();
    this.#isRunning = this.#isWaiting = false;
    this.#run = null;
  }

  /** Change what `select` returns of each file, a few files at a time. */
  async #start(select, change) {
    const { signal } = this.#controller;
    const files = this.work.entries.map((entry) => [entry, select(entry)]).filter(([, items]) => items.length);
    if (this.#isRunning || !files.length) return;
    this.#isRunning = true;
    this.#renewed.clear();
    this.#run = { total: files.flatMap(([, items]) => items).length, done: 0, failed: 0, problem: "" };
    this.update();
    const runWorker = async () => {
      while (files.length && !signal.aborted) await this.#changeFile(...files.shift(), change, signal);
    };
    await Promise.all(Array.from({ length: MAX_CONCURRENT }, runWorker));
    if (signal.aborted) return;
    this.#isRunning = this.#isWaiting = false;
    this.update();
  }

  async #changeFile(entry, items, change, signal) {
    for (const item of items) {
      try {
        await withRetry(() => change(entry, item, signal), signal, this.notice);
        this.#run.done += 1;
      } catch (error) {
        if (signal.aborted) return;
        this.#run.failed += 1;
        this.#run.problem = problemOf(error);
      }
      this.update();
    }
  }

  /** Store the verdict on an item as it is now, or delete it from the service if it was taken back. */
  async #send(entry, item, signal) {
    const { verdict, sent } = item;
    if (!isPending(item)) return;
    const id = verdict == null ? null : await this.#store(entry, item, signal);
    // The service keeps the same picture once: another item may have sent it, too.
    const isShared = this.work.items.some((other) => other !== item && other.sent?.id === sent?.id);
    if (sent && sent.id !== id && !isShared) await this.#delete(entry, sent.id, signal);
    this.work.setSent(entry, item, id && { id, verdict });
  }

  async #delete(_, id, signal) {
    await deleteFeedback(id, signal);
    this.work.forgetSent(id);
  }

  /** Store a verdict; return the id of the feedback. What the service does not remember is sent again. */
  async #store(entry, item, signal) {
    const digit = item.verdict === NONE ? null : item.verdict;
    const isBox = item !== entry;
    const request = isBox ? item.request : { id: item.answer.request_id, index: 0 };
    const asFile = () => storePicture(entry.file, digit, { model: this.work.model, signal });
    if (!isBox && this.#keeps.originals) return asFile();
    try {
      if (request) return await storeLabel(request, digit, signal);
    } catch (error) {
      if (error.kind !== "unknown-feedback" || this.#renewed.has(entry)) throw error;
    }
    if (!isBox) return asFile();
    this.#renewed.add(entry);
    await this.work.renew(entry);
    return storeLabel(item.request ?? request, digit, signal);
  }

  #wait(problem) {
    if (!this.#run) return;
    this.#isWaiting = true;
    this.#run.problem = problem;
    this.update();
  }

  #resume() {
    this.#isWaiting = false;
    this.#run.problem = "";
    this.update();
  }

  #text(sent, keeps) {
    if (this.#isWaiting) return `${this.#run.problem} Nothing is lost: it is tried again by itself while this page is open.`;
    if (this.#isRunning) return `${this.#run.done} of ${this.#run.total} done`;
    const failed = this.#run?.failed ? `${this.#run.failed} not done: ${this.#run.problem}` : "";
    return [sent && `${sent} sent.`, this.#run && !keeps && !failed && "Nothing of this is at the service any more.", failed].filter(Boolean).join(" ");
  }
}

/** Return why something was not sent, in words. */
function problemOf({ kind, name, message }) {
  if (kind === "unknown-feedback") return "The service does not remember the picture.";
  return name === "AbortError" ? "The files are being read again." : message;
}

/** Return what the service keeps, in words. */
function describe({ originals, days }) {
  const file = originals ? ", of single pictures also the file as you gave it" : "";
  return `Nothing is sent before you press the button. Then the service keeps of each picture or box that you corrected or confirmed, ${days ? `for ${days} day${days === 1 ? "" : "s"}` : "until it is deleted"}: `
    + `its 28 \u00d7 28 grey pixels${file}, your digit, and the model with its answer.`;
}

function buttonText(pending) {
  const count = (wanted) => pending.filter((item) => (item.verdict == null ? "back" : status(item)) === wanted).length;
  const words = (number, word) => number && `${number} ${word}${number === 1 ? "" : "s"}`;
  const send = [words(count("corrected"), "correction"), words(count("confirmed"), "confirmation")].filter(Boolean).join(" and ");
  const back = count("back") ? `take back ${count("back")}` : "";
  const text = [send && `send ${send}`, back].filter(Boolean).join(", ") || "nothing new to send";
  return text[0].toUpperCase() + text.slice(1);
}

/** Set a text that screen readers may announce, only if it changes. */
function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/** Disable a button that keeps the focus. */
function setDisabled(button, disabled) {
  button.ariaDisabled = String(disabled);
}
