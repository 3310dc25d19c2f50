// The page is shown first; what makes it work comes after.
requestAnimationFrame(() => setTimeout(() => import("./start.js")));
