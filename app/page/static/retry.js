// Retry with exponential backoff.

const SLOW = 1_500; // ms until the page shows that the response is slow
const FIRST_DELAY = 1_000; // ms, doubled after each failure
const MAX_DELAY = 8_000;

/** Return the result of `work`; retry it after each transient error, with a notice. */
export async function withRetry(work, signal, notice) {
  for (let delay = FIRST_DELAY; ; delay = Math.min(2 * delay, MAX_DELAY)) {
    const slow = setTimeout(() => notice.showSlow(), SLOW);
    try {
      const result = await work();
      signal.throwIfAborted();
      notice.clear();
      return result;
    } catch (error) {
      if (!error.transient) {
        if (!signal.aborted) notice.clear();
        throw error;
      }
      notice.showRetry(error.message);
    } finally {
      clearTimeout(slow);
    }
    await sleep(delay, signal, notice);
  }
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
