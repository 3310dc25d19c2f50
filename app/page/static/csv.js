// Tables as CSV (RFC 4180), safe to open in a spreadsheet.

/** Return rows of values as CSV. */
export function toCsv(rows) {
  return rows.map((row) => row.map(field).join(",") + "\r\n").join("");
}

/** A text that a spreadsheet would take for a formula gets an apostrophe before it. */
function field(value) {
  if (typeof value === "number") return String(value);
  const text = /^[\s]*[=+\-@\uff1d\uff0b\uff0d\uff20]|^[\t\r\n]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** Hand a text to the visitor as a file. */
export function download(text, name) {
  const url = URL.createObjectURL(new Blob([text], { type: "text/csv" }));
  const link = Object.assign(document.createElement("a"), { href: url, download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
