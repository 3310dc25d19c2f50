// Keys and buttons for verdicts, the same for pictures and boxes.

import { make } from "./dom.js";
import { NONE, readAs } from "./verdict.js";

/** Return the verdict of a key on an item: a digit, none, null to take it back; undefined for other keys. */
export function verdictOfKey(key, { answer }) {
  if (/^[0-9]$/.test(key)) return Number(key);
  if (key === "Enter" && answer) return readAs(answer);
  return { Delete: NONE, Backspace: NONE, x: NONE, z: null }[key];
}

/** Return a button for each digit, and one for none of them. */
export function makeVerdictButtons(onVerdict) {
  const button = (verdict) => make("button", { type: "button", onclick: () => onVerdict(verdict) }, String(verdict));
  return [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, NONE].map(button);
}
