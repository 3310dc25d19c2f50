// Error and status message at the top of the page.

export class Notice {
  constructor(element) {
    this.element = element;
    this.text = element.querySelector("p");
    this.button = element.querySelector("button");
  }

  /** Show that the response is slow. */
  showSlow() {
    this.#show("The service is slow; still waiting for its answer.", false);
  }

  /** Show an error and that the request is retried. */
  showRetry(problem) {
    this.#show(`${problem} Nothing is lost: it is tried again by itself.`, true);
  }

  /** Show an error that a retry does not solve. */
  showError(problem) {
    this.#show(problem, false);
  }

  clear() {
    this.element.hidden = true;
  }

  #show(text, retry) {
    if (this.text.textContent !== text) this.text.textContent = text;
    this.button.hidden = !retry;
    this.element.hidden = false;
  }
}
