// Rendering of strokes. A stroke is a list of points {x, y, width}; 1 is the side of the pad.

/** Draw strokes into a square of `side` pixels, as quadratic curves. */
export function drawStrokes(context, strokes, side) {
  context.lineCap = context.lineJoin = "round";
  for (const stroke of strokes) drawStroke(context, stroke, side);
}

function drawStroke(context, points, side) {
  let [from] = points;
  points.forEach((point, number) => {
    const next = points[number + 1];
    const to = next ? { x: (point.x + next.x) / 2, y: (point.y + next.y) / 2 } : point;
    context.lineWidth = point.width * side;
    context.beginPath();
    context.moveTo(from.x * side, from.y * side);
    context.quadraticCurveTo(point.x * side, point.y * side, to.x * side, to.y * side);
    context.stroke();
    from = to;
  });
}

/** Return strokes as a PNG, black on white with a margin; the colour theme has no influence. */
export function strokesToPng(strokes) {
  const [side, margin] = [240, 20];
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = side + 2 * margin;
  const context = canvas.getContext("2d");
  context.fillStyle = "#fff";
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.translate(margin, margin);
  drawStrokes(context, strokes, side);
  return new Promise((resolve) => canvas.toBlob(resolve, "image/png"));
}
