// The service over HTTP: what it answers, and what can go wrong.

const TIMEOUT = 15_000; // ms

/** What went wrong, in a sentence; `passing` if the same request may well succeed later. */
export class Problem extends Error {
  constructor(message, { passing }) {
    super(message);
    this.passing = passing;
  }
}

/** Return the URL that asks a model; null for the default one. */
export function predictionUrl(model, include) {
  const query = new URLSearchParams(include.map((part) => ["include", part]));
  if (model) query.set("model", model);
  const url = new URL("v1/predictions", document.baseURI);
  url.search = query;
  return url.href;
}

/** Return the answer for a picture, and the milliseconds that it took. */
export async function predict(blob, { model, include = [], signal }) {
  const started = performance.now();
  const answer = await request(predictionUrl(model, include), {
    method: "POST",
    headers: { "Content-Type": "application/octet-stream" },
    body: blob,
    signal,
  });
  return { answer, milliseconds: performance.now() - started };
}

/** Return the cards of all models, the default one first. */
export async function fetchCards(signal) {
  const { models } = await request("v1/models", { signal });
  const cards = models.map(({ name }) => request(`v1/models/${encodeURIComponent(name)}`, { signal }));
  return (await Promise.all(cards)).sort((a, b) => b.default - a.default);
}

async function request(url, { signal, ...options }) {
  const limited = AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT)]);
  let response, content;
  try {
    response = await fetch(url, { ...options, signal: limited });
    content = await response.json();
  } catch (error) {
    signal.throwIfAborted();
    if (response && !response.ok) throw refused(response, {});
    throw new Problem("The service cannot be reached.", { passing: true, cause: error });
  }
  if (!response.ok) throw refused(response, content);
  return content;
}

function refused({ status }, { detail, request_id: id }) {
  if (status === 429) return new Problem("The service is busy.", { passing: true });
  if (status === 503) return new Problem("The service is starting or shutting down.", { passing: true });
  if (status >= 500) {
    return new Problem(`The service failed${id ? ` (request ${id})` : ""}.`, { passing: true });
  }
  return new Problem(detail ?? `The service refused the request (${status}).`, { passing: false });
}
