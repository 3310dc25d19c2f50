// HTTP client of the service, with its error type.

import { storedKey } from "./key.js";

const TIMEOUT = 15_000; // ms
const SHEET_TIMEOUT = 120_000; // ms, of a document of many pages

/** Failed request, with a message for the visitor; `transient` if a retry may succeed, after `retryAfter` seconds. */
export class Problem extends Error {
  constructor(message, { status = 0, kind = "", retryAfter = 0, transient, cause }) {
    super(message, { cause });
    Object.assign(this, { status, kind, retryAfter });
    this.transient = transient;
  }

  /** Return whether the request has no API key, or one that is not known. */
  get needsKey() {
    return this.status === 401;
  }
}

/** Return the URL of a request; `model` is {name, version}, without version the served one; null: the default. */
export function predictionUrl(model, include, path = "v1/predictions") {
  const query = new URLSearchParams(include.map((part) => ["include", part]));
  if (model) query.set("model", model.name);
  if (model?.version) query.set("version", model.version);
  const url = new URL(path, document.baseURI);
  url.search = query;
  return url.href;
}

/** Send a picture; return the answer and the response time in milliseconds. */
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

/**
 * Send a sheet; return the pages with their boxes. Browsers cannot display a document: its pages are sent back.
 * `layout` is the name of a saved layout, or one that may be too long for a URL; `page` is the only one, from 1.
 */
export async function readSheet(blob, { model, type, layout = null, page = null, signal }) {
  const url = new URL(predictionUrl(model, type && !page ? ["picture"] : [], "v1/sheets"));
  if (page) url.searchParams.set("page", page);
  if (typeof layout === "string") url.searchParams.set("layout", layout);
  const form = new FormData();
  form.set("image", blob);
  form.set("layout", JSON.stringify(layout));
  const inForm = layout && typeof layout !== "string";
  return request(url, {
    method: "POST",
    headers: inForm ? {} : { "Content-Type": "application/octet-stream" },
    body: inForm ? form : blob,
    timeout: SHEET_TIMEOUT,
    signal,
  });
}

/** Return the model cards of all models, the default model first; of a model with several versions, one for each. */
export async function fetchCards(signal) {
  const { models } = await request("v1/models", { signal });
  models.sort((a, b) => b.default - a.default);
  return Promise.all(models.flatMap((model) => cardUrls(model).map(async ({ url, role }) => {
    return { ...await request(url, { signal }), role };
  })));
}

/** Return the names of the saved layouts. */
export async function fetchLayouts(signal) {
  return (await request("v1/layouts", { signal })).layouts.map(({ name }) => name);
}

/** Store the true digit, or null for none, of picture `index` of a recent request; return the id of this feedback. */
export async function storeLabel({ id, index }, digit, signal) {
  const body = JSON.stringify({ request_id: id, index, digit });
  return (await request("v1/feedback", { method: "POST", headers: { "Content-Type": "application/json" }, body, signal })).id;
}

/** Store the true digit of a picture that the service does not have; return the id of this feedback. */
export async function storePicture(file, digit, { model, signal }) {
  const body = new FormData();
  body.set("image", file, "picture"); // without the name of the file
  body.set("digit", digit ?? "none");
  return (await request(predictionUrl(model, [], "v1/feedback"), { method: "POST", body, signal })).id;
}

/** Delete feedback that the service may have. */
export async function deleteFeedback(id, signal) {
  try {
    await request(`v1/feedback/${encodeURIComponent(id)}`, { method: "DELETE", signal });
  } catch (error) {
    if (error.kind !== "unknown-feedback") throw error; // deleted already
  }
}

/** Return the URLs of a model's cards, the served version first; `role` is null if there is one version. */
function cardUrls({ name, versions }) {
  const url = `v1/models/${encodeURIComponent(name)}`;
  const loaded = versions.filter(({ state }) => state === "READY");
  if (loaded.length < 2) return [{ url, role: null }];
  return loaded.map(({ version, role }) => ({ url: `${url}?version=${encodeURIComponent(version)}`, role }));
}

async function request(url, { signal, timeout = TIMEOUT, headers = {}, ...options }) {
  const signalWithTimeout = AbortSignal.any([signal, AbortSignal.timeout(timeout)]);
  const key = storedKey();
  if (key) headers.Authorization = `Bearer ${key}`;
  let response, content;
  try {
    response = await fetch(url, { ...options, headers, signal: signalWithTimeout });
    content = response.status === 204 ? null : await response.json();
  } catch (error) {
    signal.throwIfAborted();
    if (response && !response.ok) throw toProblem(response, {}, error);
    throw new Problem("The service cannot be reached.", { transient: true, cause: error });
  }
  if (!response.ok) throw toProblem(response, content);
  return content;
}

function toProblem({ status, headers }, { detail, type, request_id: id }, cause) {
  const transient = status === 429 || (status >= 500 && status !== 501); // 501: will not change
  const kind = type?.split(":").pop();
  const message = kind === "database" ? "The service cannot store anything now." : {
    429: "The service is busy.",
    503: "The service is starting or shutting down.",
  }[status];
  const failed = `The service failed${id ? ` (request ${id})` : ""}.`;
  const refused = detail ?? `The service refused the request (${status}).`;
  return new Problem(message ?? (status >= 500 && status !== 501 ? failed : refused), { status, kind, retryAfter: Number(headers.get("Retry-After")) || 0, transient, cause });
}
