// Patience with a service that is slow or gone.

const SLOW = 1_500; // ms until the visitor is told
const FIRST_PAUSE = 1_000; // ms, doubled after each failure
const LONGEST_PAUSE = 8_000;

/** Return what `work` returns; while its problems are passing ones, say so and try again. */
export async function persist(work, signal, notice) {
  for (let pause = FIRST_PAUSE; ; pause = Math.min(2 * pause, LONGEST_PAUSE)) {
    const slow = setTimeout(() => notice.wait(), SLOW);
    try {
      const result = await work();
      signal.throwIfAborted();
      notice.clear();
      return result;
    } catch (error) {
      if (!error.passing) {
        if (!signal.aborted) notice.clear();
        throw error;
      }
      notice.retry(error.message);
    } finally {
      clearTimeout(slow);
    }
    await rest(pause, signal, notice);
  }
}

/** Wait; no longer than until somebody or the network says that now is the time. */
function rest(pause, signal, notice) {
  return new Promise((resolve, reject) => {
    const done = new AbortController();
    const once = { signal: done.signal };
    const finish = (then) => () => (clearTimeout(timer), done.abort(), then(signal.reason));
    const timer = setTimeout(finish(resolve), pause);
    signal.addEventListener("abort", finish(reject), once);
    notice.button.addEventListener("click", finish(resolve), once);
    window.addEventListener("online", finish(resolve), once);
  });
}
