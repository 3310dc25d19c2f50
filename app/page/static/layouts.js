// Choice of a saved layout, for the sheets that are read.

import { byId, make } from "./dom.js";

export class LayoutChoice {
  #select = byId("layout");

  /** `onChange(name)` is called when the visitor selects another layout; null is none. */
  constructor(onChange) {
    this.#select.addEventListener("change", () => onChange(this.value));
  }

  get value() {
    return this.#select.value || null;
  }

  set value(name) {
    this.#select.value = name ?? "";
    if (this.#select.selectedIndex < 0) this.#select.value = "";
  }

  setNames(names) {
    byId("layouts").hidden = names.length === 0;
    this.#select.replaceChildren(make("option", { value: "" }, "none"), ...names.map((name) => make("option", { value: name }, name)));
  }
}
