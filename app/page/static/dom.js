// DOM helpers: find an element, create an element.

export const byId = (id) => document.getElementById(id);

/** Create an element with properties (data-* attributes as `dataset`) and children. */
export function make(tag, { dataset = {}, ...properties } = {}, ...children) {
  const element = Object.assign(document.createElement(tag), properties);
  Object.assign(element.dataset, dataset);
  element.append(...children);
  return element;
}
