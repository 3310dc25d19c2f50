// Throttled request: one at a time, and a new request cancels the one before.

const MIN_INTERVAL = 120; // ms between two starts, or 1.5 times the response time if that is longer

export class LatestRequest {
  #controller = new AbortController();
  #timer = 0;
  #started = -Infinity;
  #interval = MIN_INTERVAL;

  /** Run `work(signal)` soon, in place of work that has not started or not finished. */
  schedule(work) {
    clearTimeout(this.#timer);
    const wait = this.#started + this.#interval - performance.now();
    this.#timer = setTimeout(() => this.#run(work), Math.max(0, wait));
  }

  /** Cancel the scheduled and the running work. */
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
      this.#interval = Math.max(MIN_INTERVAL, 1.5 * (performance.now() - this.#started));
    } catch (error) {
      if (!signal.aborted) throw error;
    }
  }
}
