// Elements, found and made.

export const byId = (id) => document.getElementById(id);

/** Return a new element with these properties (data-* as `dataset`) and children. */
export function make(tag, { dataset = {}, ...properties } = {}, ...children) {
  const element = Object.assign(document.createElement(tag), properties);
  Object.assign(element.dataset, dataset);
  element.append(...children);
  return element;
}
