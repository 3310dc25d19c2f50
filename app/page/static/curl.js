// curl command that repeats the request.

import { predictionUrl } from "./api.js";
import { storedKey } from "./key.js";

/** Return the command; a drawing has no file, so it is included as base64. */
export async function curlCommand(blob, name, model, include) {
  const key = storedKey() ? '-H "Authorization: Bearer $KEY" ' : ""; // not the key itself: commands are passed on
  const url = key + shellQuote(predictionUrl(model, include));
  if (name) {
    const type = "-H 'Content-Type: application/octet-stream'";
    return `curl --data-binary ${shellQuote(`@${name}`)} ${type} ${url}`;
  }
  const json = JSON.stringify({ image: await toBase64(blob) });
  return `curl -H 'Content-Type: application/json' -d ${shellQuote(json)} ${url}`;
}

/** Quote text as one word of a POSIX shell. */
function shellQuote(text) {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

async function toBase64(blob) {
  const bytes = new Uint8Array(await blob.arrayBuffer());
  return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
}
