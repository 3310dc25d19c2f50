// Load the modules after the first paint, all in parallel.
requestAnimationFrame(() => setTimeout(() => {
  document.head.append(document.getElementById("modules").content);
  import("./app.js");
}));
