// Load the modules after the first paint, all in parallel; keep what is drawn until they are there.
const early = []; // [event, its place on the pad]
const names = ["pointerdown", "pointermove", "pointerup", "pointercancel"];

function keep(event) {
  const { target, type, pressure, buttons } = event;
  if (target.id !== "pad" || (!buttons && !/up|cancel/.test(type))) return;
  const { left, top, width } = target.getBoundingClientRect();
  const [x, y] = [event.clientX - left, event.clientY - top];
  early.push([event, x, y]);
  const context = target.getContext("2d");
  const scale = target.width / width;
  if (type === "pointerdown") context.beginPath();
  context.lineWidth = 0.07 * target.width * (event.pointerType === "pen" && pressure ? 0.5 + pressure : 1);
  context.lineCap = context.lineJoin = "round";
  context.strokeStyle = getComputedStyle(target).color;
  context.lineTo(x * scale, y * scale);
  context.stroke();
}

async function load() {
  document.head.append(document.getElementById("modules").content);
  await import("./app.js");
  for (const name of names) removeEventListener(name, keep);
  const pad = document.getElementById("pad");
  const { left, top } = pad.getBoundingClientRect();
  for (const [event, x, y] of early) {
    const { pointerId, pointerType, pressure, button, buttons } = event;
    pad.dispatchEvent(new PointerEvent(event.type, { pointerId, pointerType, pressure, button, buttons, clientX: left + x, clientY: top + y }));
  }
}

for (const name of names) addEventListener(name, keep);
if (document.readyState === "loading") addEventListener("DOMContentLoaded", soon);
else soon();

function soon() {
  requestAnimationFrame(() => setTimeout(load));
}
