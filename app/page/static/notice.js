// The one place where the page says that something is wrong.

export class Notice {
  constructor(element) {
    this.element = element;
    this.text = element.querySelector("p");
    this.button = element.querySelector("button");
  }

  /** Say that an answer is late. */
  wait() {
    this.#show("The service is slow; still waiting for its answer.", false);
  }

  /** Say what went wrong, and that it is being tried again. */
  retry(problem) {
    this.#show(`${problem} Nothing is lost: it is tried again by itself.`, true);
  }

  /** Say what is wrong with what was asked. */
  tell(problem) {
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
