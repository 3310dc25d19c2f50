// The command that repeats a request.

import { predictionUrl } from "./api.js";

/** Return the command; a drawing, which is no file, goes into it as base64. */
export async function curlCommand(blob, name, model, include) {
  const url = quote(predictionUrl(model, include));
  if (name) {
    const type = "-H 'Content-Type: application/octet-stream'";
    return `curl --data-binary ${quote(`@${name}`)} ${type} ${url}`;
  }
  const json = JSON.stringify({ image: await toBase64(blob) });
  return `curl -H 'Content-Type: application/json' -d ${quote(json)} ${url}`;
}

/** Return text as one word of a POSIX shell. */
function quote(text) {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

async function toBase64(blob) {
  const bytes = new Uint8Array(await blob.arrayBuffer());
  return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
}
