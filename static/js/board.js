// Comfort on the boards; every link works without.
"use strict";

(() => {
  const begin = () => {
    for (const button of document.querySelectorAll("[data-print]")) button.hidden = false;
  };

  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-print]")) window.print();
    const free = event.target.closest("a.stretch.free");
    if (!free || event.detail === 0) return;
    // A click in the middle of a long free stretch means that time, not its beginning.
    const box = free.getBoundingClientRect();
    const address = new URL(free.href);
    const start = Date.parse(`${address.searchParams.get("start")}Z`);
    const until = Date.parse(`${free.dataset.until}Z`);
    const step = free.dataset.step * 1000;
    const passed = Math.floor(((until - start) * (event.clientX - box.left)) / box.width / step) * step;
    const at = Math.min(Math.max(start, start + passed), until - step);
    address.searchParams.set("start", new Date(at).toISOString().slice(0, 16));
    free.href = address.href;
  });

  document.addEventListener("htmx:after:swap", begin);
  begin();
})();
