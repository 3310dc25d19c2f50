// Pictures on their way in: chosen, photographed, dropped or pasted.

/** Call `take(files)` for pictures that come in any of these ways. */
export function takeIn(inputs, target, take) {
  const offer = (files) => files.length && take([...files]);
  for (const input of inputs) {
    input.addEventListener("change", () => {
      offer(input.files);
      input.value = ""; // so that the same file can be chosen again
    });
  }
  window.addEventListener("paste", ({ clipboardData }) => offer(clipboardData?.files ?? []));
  window.addEventListener("dragover", (event) => {
    event.preventDefault();
    target.classList.add("dropping");
  });
  window.addEventListener("dragleave", ({ relatedTarget }) => {
    if (!relatedTarget) target.classList.remove("dropping");
  });
  window.addEventListener("drop", (event) => {
    event.preventDefault();
    target.classList.remove("dropping");
    offer(event.dataTransfer?.files ?? []);
  });
}
