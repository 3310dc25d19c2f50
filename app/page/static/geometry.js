// Geometry of a page: its upright orientation, and the view of one box.

/** Return the number of clockwise quarter turns that make a page upright: by its boxes, else the visitor's. */
export function quarterTurns({ boxes, turns = 0 }) {
  if (!boxes.length) return turns;
  const [x, y] = boxes.reduce(([x, y], { corners: [a, b] }) => [x + b[0] - a[0], y + b[1] - a[1]], [0, 0]);
  return (4 - Math.round(Math.atan2(y, x) / (Math.PI / 2))) % 4;
}

/** Return a point of a page after clockwise quarter turns. */
export function turn([x, y], turns, { width, height }) {
  return [[x, y], [height - y, x], [width - x, height - y], [y, width - x]][turns];
}

/** Return width and height of a page after quarter turns. */
export function turnedSize({ width, height }, turns) {
  return turns % 2 ? [height, width] : [width, height];
}

/** Return the affine matrix [a, b, c, d, e, f] of quarter turns, then a scale. */
export function turnMatrix(turns, page, scale) {
  const [e, f] = turn([0, 0], turns, page);
  const [a, b] = turn([1, 0], turns, page);
  const [c, d] = turn([0, 1], turns, page);
  return [a - e, b - f, c - e, d - f, e, f].map((value) => value * scale);
}

/** Return the matrix that shows a box upright in the middle of a view, 0.6 of its height or 0.7 of its width. */
export function boxMatrix([a, b, c, d], width, height) {
  const [x, y] = [0, 1].map((axis) => (a[axis] + b[axis] + c[axis] + d[axis]) / 4);
  const angle = Math.atan2(b[1] - a[1], b[0] - a[0]);
  const scale = Math.min((0.7 * width) / distance(a, b), (0.6 * height) / distance(a, d));
  const [cos, sin] = [scale * Math.cos(angle), scale * Math.sin(angle)];
  return [cos, -sin, sin, cos, width / 2 - cos * x - sin * y, height / 2 + sin * x - cos * y];
}

export function middle(corners) {
  return [0, 1].map((axis) => corners.reduce((sum, corner) => sum + corner[axis], 0) / corners.length);
}

export function distance(a, b) {
  return Math.hypot(b[0] - a[0], b[1] - a[1]);
}
