// Homography of the unit square to a quadrilateral, and its inverse.
// Source: P. Heckbert, "Fundamentals of Texture Mapping and Image Warping" (1989), section 2.2.3.

/** Return the 3x3 matrix that maps (0, 0), (1, 0), (1, 1), (0, 1) to four corners. */
export function squareToCorners([[x0, y0], [x1, y1], [x2, y2], [x3, y3]]) {
  const [sx, sy] = [x0 - x1 + x2 - x3, y0 - y1 + y2 - y3];
  const [ax, ay, bx, by] = [x1 - x2, y1 - y2, x3 - x2, y3 - y2];
  const determinant = ax * by - bx * ay;
  const g = (sx * by - bx * sy) / determinant;
  const h = (ax * sy - sx * ay) / determinant;
  return [[x1 - x0 + g * x1, x3 - x0 + h * x3, x0], [y1 - y0 + g * y1, y3 - y0 + h * y3, y0], [g, h, 1]];
}

/** Return the inverse of a 3x3 matrix. */
export function invert([[a, b, c], [d, e, f], [g, h, i]]) {
  const adjugate = [[e * i - f * h, c * h - b * i, b * f - c * e], [f * g - d * i, a * i - c * g, c * d - a * f], [d * h - e * g, b * g - a * h, a * e - b * d]];
  const determinant = a * adjugate[0][0] + b * adjugate[1][0] + c * adjugate[2][0];
  return adjugate.map((row) => row.map((value) => value / determinant));
}

/** Return a point after a homography. */
export function project(matrix, [x, y]) {
  const [u, v, w] = matrix.map(([a, b, c]) => a * x + b * y + c);
  return [u / w, v / w];
}

/** Return whether corners go clockwise around a convex quadrilateral. */
export function isConvex(corners) {
  return corners.every(([x, y], number) => {
    const [[x1, y1], [x2, y2]] = [corners[(number + 1) % 4], corners[(number + 2) % 4]];
    return (x1 - x) * (y2 - y1) - (y1 - y) * (x2 - x1) > 0;
  });
}
