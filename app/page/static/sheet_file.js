// Files that may be sheets: which ones are searched for boxes, and the pages of the answer.

const MAX_SIDE = 400; // pixels of a picture that is read as one digit without a search for boxes
const MIN_BOXES = 2; // of a sheet
const EMPTY = { width: 4, height: 3, boxes: [], fields: [], unreadable: true }; // page that could not be read
const MAGIC = { "%PDF": "pdf", "II*\0": "tiff", "MM\0*": "tiff" };

/** Return "pdf", "tiff", or null for every other file. */
export async function documentType(file) {
  return MAGIC[String.fromCharCode(...new Uint8Array(await file.slice(0, 4).arrayBuffer()))] ?? null;
}

/** Return whether a file is searched for boxes: documents, and pictures that are larger than one digit. */
export async function mayBeSheet(file) {
  if (await documentType(file)) return true;
  const image = new Image();
  image.src = URL.createObjectURL(file);
  const loaded = await image.decode().then(() => true, () => false);
  URL.revokeObjectURL(image.src);
  return loaded && Math.max(image.naturalWidth, image.naturalHeight) > MAX_SIDE;
}

/** Return the pages of an answer of /v1/sheets, each box with its `answer`, its `verdict`, and its place in the request. */
export function toPages({ pages, model, request_id: id }) {
  let index = 0;
  return pages.map((page) => page.error ? { ...EMPTY, problem: page.error.detail } : ({
    ...page,
    boxes: page.boxes.map(({ prediction, ...box }) => ({ ...box, answer: { ...prediction, model }, verdict: null, request: { id, index: index++ } })),
  }));
}

/** Return whether the pages have as many boxes as a sheet has. */
export function isSheet(pages) {
  return pages.reduce((sum, { boxes }) => sum + boxes.length, 0) >= MIN_BOXES;
}

/** Return the name of a box: that of the layout, else its place. */
export function boxName({ name, row, col }) {
  return name || `Row ${row + 1}, column ${col + 1}`;
}
