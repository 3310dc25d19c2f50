// CSV export (RFC 4180) without formula injection.

const BYTE_ORDER_MARK = "\ufeff"; // tells spreadsheets that the text is UTF-8

/** Return rows of values as CSV text. */
export function toCsv(rows) {
  return BYTE_ORDER_MARK + rows.map((row) => row.map(quoteField).join(",") + "\r\n").join("");
}

/** Quote one field; put an apostrophe before text that a spreadsheet would run as a formula. */
function quoteField(value) {
  if (typeof value === "number") return String(value);
  const text = /^[\s]*[=+\-@\uff1d\uff0b\uff0d\uff20]|^[\t\r\n]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** Download text as a file. */
export function download(text, name) {
  const url = URL.createObjectURL(new Blob([text], { type: "text/csv" }));
  const link = Object.assign(document.createElement("a"), { href: url, download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
