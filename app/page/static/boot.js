// The page is shown first; what makes it work comes after, all at once.
requestAnimationFrame(() => setTimeout(() => {
  document.head.append(document.getElementById("modules").content);
  import("./app.js");
}));
