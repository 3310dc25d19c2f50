// Retry with exponential backoff, or when the service says so, or with another API key.

import { askForKey, storedKey } from "./key.js";

const SLOW = 1_500; // ms until the page shows that the response is slow
const FIRST_DELAY = 1_000; // ms, doubled after each failure
const MAX_DELAY = 8_000;
const LONGEST_WAIT = 60_000; // ms, whatever the service says

/** Return the result of `work`; retry it after each transient error, with a notice. */
export async function withRetry(work, signal, notice) {
  for (let delay = FIRST_DELAY; ; delay = Math.min(2 * delay, MAX_DELAY)) {
    const slow = setTimeout(() => notice.showSlow(), SLOW);
    const key = storedKey();
    let wait = delay;
    try {
      const result = await work();
      signal.throwIfAborted();
      notice.clear();
      return result;
    } catch (error) {
      if (error.needsKey) {
        notice.clear();
        await untilAborted(askForKey(key), signal);
        continue;
      }
      if (!error.transient) {
        if (!signal.aborted) notice.clear();
        throw error;
      }
      notice.showRetry(error.message);
      wait = Math.max(delay, Math.min(1000 * (error.retryAfter ?? 0), LONGEST_WAIT));
    } finally {
      clearTimeout(slow);
    }
    await sleep(wait, signal, notice);
  }
}

/** Wait for a promise, or until the signal is aborted. */
function untilAborted(promise, signal) {
  return new Promise((resolve, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
    promise.then(resolve);
  });
}

/** Wait for `delay` ms, or until the visitor presses the button or the network is back. */
function sleep(delay, signal, notice) {
  return new Promise((resolve, reject) => {
    const done = new AbortController();
    const once = { signal: done.signal };
    const finish = (then) => () => (clearTimeout(timer), done.abort(), then(signal.reason));
    const timer = setTimeout(finish(resolve), delay);
    signal.addEventListener("abort", finish(reject), once);
    notice.button.addEventListener("click", finish(resolve), once);
    window.addEventListener("online", finish(resolve), once);
  });
}
