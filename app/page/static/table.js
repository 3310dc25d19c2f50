// Table of the work: one row for each picture and each box, in the order of the files.

import { boxName } from "./sheet_file.js";
import { finalDigit, status } from "./verdict.js";

const HEADINGS = ["file", "page", "box", "row", "column", "final", "status", "digit", "confidence", "decision", "reason", "correction", "model", "weights_sha256", "error"];

/** Return the rows of the table, the first with the headings. */
export function toRows(entries) {
  return [HEADINGS, ...entries.flatMap((entry) => entry.pages ? rowsOfSheet(entry) : [[entry.name, "", "", "", "", ...verdictCells(entry)]])];
}

function rowsOfSheet({ name, pages }) {
  return pages.flatMap(({ boxes, problem }, number) => {
    if (!boxes.length) return [[name, number + 1, ...Array(HEADINGS.length - 3).fill(""), problem ?? "no boxes found"]];
    return boxes.map((box) => [name, number + 1, boxName(box), box.row + 1, box.col + 1, ...verdictCells(box)]);
  });
}

function verdictCells(item) {
  const { answer, problem, verdict } = item;
  const digit = answer?.reason === "blank" ? null : answer; // an empty picture has no digit
  return [
    finalDigit(item),
    status(item),
    digit?.digit ?? "",
    digit?.confidence ?? "",
    answer?.decision ?? "",
    answer?.reason ?? "",
    verdict ?? "",
    answer?.model.name ?? "",
    answer?.model.sha256 ?? "",
    problem ?? "",
  ];
}
