// File input: chosen, photographed, dropped or pasted pictures.

/** Call `onFiles(files)` for each of these ways; `target` is highlighted while files are dragged. */
export function listenForFiles(inputs, target, onFiles) {
  const offer = (files) => files.length && onFiles([...files]);
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
