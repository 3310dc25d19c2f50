// API key: asked for when the service wants one, kept in this tab until it is closed.

import { byId } from "./dom.js";

const NAME = "digitserve.key"; // in sessionStorage

let asking = null; // promise that ends when a key is given

/** Return the key, or null. */
export function storedKey() {
  return sessionStorage.getItem(NAME);
}

/** Ask for a key, once for all requests that wait; `refused` is the key of the request that failed. */
export function askForKey(refused) {
  if (storedKey() !== refused) return Promise.resolve(); // another one was given meanwhile
  asking ??= showForm(refused ? "The service does not know this key. Please check it." : "").finally(() => (asking = null));
  return asking;
}

function showForm(problem) {
  const [form, input] = [byId("key-form"), byId("key")];
  say(problem);
  sessionStorage.removeItem(NAME);
  form.hidden = false;
  input.focus();
  input.select();
  return new Promise((resolve) => {
    form.onsubmit = (event) => {
      event.preventDefault();
      const key = input.value.trim();
      if (!/^[!-~]+$/.test(key)) return say("A key has no spaces and only letters, digits and signs of ASCII.");
      sessionStorage.setItem(NAME, key);
      form.hidden = true;
      resolve();
    };
  });
}

function say(problem) {
  byId("key-problem").textContent = problem;
  byId("key").setAttribute("aria-invalid", String(Boolean(problem)));
}
