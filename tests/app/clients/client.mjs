// Sends requests with the HTTP clients of node: fetch, http and http2. Arguments: URL, picture.
// Prints a line of JSON for each response.

import { readFileSync } from "node:fs";
import http from "node:http";
import http2 from "node:http2";

const [url, file] = process.argv.slice(2);
const picture = readFileSync(file);
const PREDICTIONS = `${url}/v1/predictions`;

function print(name, status, headers, body) {
  const [id, type] = [headers["x-request-id"], headers["content-type"]];
  console.log(JSON.stringify({ name, status, id, type, body: JSON.parse(body || "null") }));
}

async function viaFetch(name, address, options) {
  const headers = { "X-Request-ID": name, ...options.headers };
  const response = await fetch(address, { method: "POST", ...options, headers });
  print(name, response.status, Object.fromEntries(response.headers), await response.text());
}

function form(field, files) {
  const data = new FormData();
  for (let i = 0; i < files; i++) data.append(field, new Blob([picture], { type: "image/png" }), "two.png");
  return data;
}

// `chunks` are sent one by one; with `Expect`, after the server has asked for them.
function viaHttp(name, options, chunks) {
  return new Promise((resolve, reject) => {
    const headers = { "X-Request-ID": name, ...options.headers };
    const request = http.request(PREDICTIONS, { method: "POST", ...options, headers }, (response) => {
      let body = "";
      response.on("data", (data) => (body += data));
      response.on("end", () => {
        print(name, response.statusCode, response.headers, body);
        resolve(request.reusedSocket);
      });
    });
    request.on("error", reject);
    request.on("upgrade", () => reject(new Error("the server has switched the protocol")));
    const send = () => {
      for (const chunk of chunks) request.write(chunk);
      request.end();
    };
    if (headers.Expect) request.on("continue", send);
    else send();
  });
}

await viaFetch("fetch.raw", PREDICTIONS, { body: picture });
await viaFetch("fetch.form", PREDICTIONS, { body: form("image", 1) });
await viaFetch("fetch.batch", `${PREDICTIONS}/batch`, { body: form("images", 3) });
await viaFetch("fetch.stream", PREDICTIONS, { body: new Blob([picture]).stream(), duplex: "half" });
await viaFetch("fetch.refused", PREDICTIONS, { body: "no picture" });
await viaFetch("fetch.large", PREDICTIONS, { body: new Uint8Array(200001) });
await Promise.all([...Array(16).keys()].map((i) => viaFetch(`fetch.together.${i}`, PREDICTIONS, { body: picture })));

const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
const length = { "Content-Length": picture.length };
const half = [picture.subarray(0, 99), picture.subarray(99)];
const upgrade = { Connection: "Upgrade, HTTP2-Settings", Upgrade: "h2c", "HTTP2-Settings": "AAMAAABkAAQAAP__" };
const webSocket = { Connection: "Upgrade", Upgrade: "websocket", "Sec-WebSocket-Version": "13" };
const reused = [
  await viaHttp("http.raw", { agent, headers: length }, half),
  await viaHttp("http.chunked", { agent }, half),
  await viaHttp("http.expect", { agent, headers: { ...length, Expect: "100-continue" } }, half),
  await viaHttp("http.h2c", { agent, headers: { ...length, ...upgrade } }, half),
  await viaHttp("http.h2c.chunked", { agent, headers: upgrade }, half),
  await viaHttp("http.websocket", { agent, headers: { ...length, ...webSocket } }, half),
  await viaHttp("http.refused", { agent }, ["no picture"]),
  await viaHttp("http.again", { agent, headers: length }, half),
];
agent.destroy();
console.log(JSON.stringify({ name: "reused", body: reused }));

// HTTP/2 without an upgrade: the client must get an error, and not wait.
await new Promise((resolve) => {
  const session = http2.connect(url);
  session.on("error", () => {});
  session.on("close", resolve);
});
console.log(JSON.stringify({ name: "http2", body: "closed" }));
