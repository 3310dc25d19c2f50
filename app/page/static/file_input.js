// File input: chosen, photographed, dropped or pasted pictures and documents, and folders of them.

const READABLE = /\.(avif|bmp|gif|jpe?g|pdf|png|pgm|pnm|ppm|tiff?|webp)$/i; // of the files in a folder

/** Call `onFiles(files)` for each of these ways; `target` is highlighted while files are dragged. */
export function listenForFiles(inputs, target, onFiles) {
  const offer = (files) => files.length && onFiles([...files]);
  for (const input of inputs) {
    input.addEventListener("change", () => {
      offer(input.webkitdirectory ? inFolder([...input.files]) : input.files);
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
  window.addEventListener("drop", async (event) => {
    event.preventDefault();
    target.classList.remove("dropping");
    if (event.dataTransfer) offer(await droppedFiles(event.dataTransfer));
  });
}

/** Return the dropped files, and those in the dropped folders. */
async function droppedFiles({ files, items }) {
  const entries = [...items].map((item) => item.webkitGetAsEntry?.()); // now: they are gone after the event
  if (!entries.some((entry) => entry?.isDirectory)) return [...files];
  return (await Promise.all(entries.filter(Boolean).map(filesOf))).flat();
}

/** Return the files of an entry of the file system; `path` of a file starts with its folder. */
async function filesOf(entry) {
  if (entry.isFile) {
    const file = await new Promise((resolve, reject) => entry.file(resolve, reject));
    return [Object.assign(file, { path: entry.fullPath.slice(1) })];
  }
  const reader = entry.createReader();
  const found = [];
  for (let some; (some = await new Promise((...both) => reader.readEntries(...both))).length; ) found.push(...some);
  return inFolder((await Promise.all(found.map(filesOf))).flat());
}

/** Return the pictures and documents among the files of a folder, in the order of their names. */
function inFolder(files) {
  const pathOf = (file) => file.path || file.webkitRelativePath || file.name;
  const order = new Intl.Collator("en", { numeric: true });
  return files.filter(({ name }) => READABLE.test(name)).sort((a, b) => order.compare(pathOf(a), pathOf(b)));
}
