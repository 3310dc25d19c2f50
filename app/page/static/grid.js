// Grids of boxes that the visitor has marked: their layout for the service, and their boxes on the page.

import { distance, middle } from "./geometry.js";
import { invert, squareToCorners } from "./homography.js";

/** Return the layout of a grid; its corners are in pixels of the page, clockwise from the top left one. */
export function gridLayout(corners, rows, columns) {
  const [across, down, last] = invert(squareToCorners(corners));
  const boxes = Array.from({ length: rows * columns }, (_, number) => (
    { name: String(number + 1), x: number % columns, y: Math.floor(number / columns), width: 1, height: 1 }
  ));
  return { width: columns, height: rows, boxes, transform: [across.map((value) => value * columns), down.map((value) => value * rows), last] };
}

/** Return a page with the boxes of a marked grid after its own. */
export function addGrid(page, layout, boxes) {
  const grids = [...(page.grids ?? []), layout];
  const first = 1 + Math.max(-1, ...page.boxes.map(({ row }) => row));
  const added = boxes.map((box) => ({ ...box, name: null, row: first + box.row, grid: grids.length }));
  return { ...page, grids, boxes: [...page.boxes, ...added], problem: null };
}

/** Return a page without the grid that was marked last. */
export function removeGrid(page) {
  return { ...page, boxes: page.boxes.filter(({ grid }) => grid !== page.grids.length), grids: page.grids.slice(0, -1) };
}

/** Return the box at the same place as one of an earlier reading, or undefined. */
export function boxAt(old, boxes) {
  const radius = distance(old.corners[0], old.corners[2]) / 4;
  return boxes.find(({ corners, grid }) => grid === old.grid && distance(middle(corners), middle(old.corners)) < radius);
}

/** Copy the verdicts of boxes to those at the same place, and what was sent of them. */
export function keepVerdicts(before, after) {
  for (const old of before.filter(({ verdict, sent }) => verdict != null || sent)) {
    const near = boxAt(old, after);
    if (near) Object.assign(near, { verdict: old.verdict, sent: old.sent });
  }
}
