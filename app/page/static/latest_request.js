// One question at a time: not too often, and the latest one wins.

const INTERVAL = 120; // ms between two questions, or half as much again as an answer takes

export class Inquiry {
  #controller = new AbortController();
  #timer = 0;
  #started = -Infinity;
  #interval = INTERVAL;

  /** Run `work(signal)` soon; it takes the place of what has not run or not finished. */
  ask(work) {
    clearTimeout(this.#timer);
    const wait = this.#started + this.#interval - performance.now();
    this.#timer = setTimeout(() => this.#run(work), Math.max(0, wait));
  }

  /** Drop whatever is under way. */
  cancel() {
    clearTimeout(this.#timer);
    this.#controller.abort();
  }

  async #run(work) {
    this.#controller.abort();
    this.#controller = new AbortController();
    const { signal } = this.#controller;
    this.#started = performance.now();
    try {
      await work(signal);
      this.#interval = Math.max(INTERVAL, 1.5 * (performance.now() - this.#started));
    } catch (error) {
      if (!signal.aborted) throw error;
    }
  }
}
