// Comfort in the inbox; every button and link works without.
"use strict";

(() => {
  const of = (selector) => document.querySelectorAll(`#inbox ${selector}`);

  // Where the eyes go after a swap: what was refused, the field that was asked for, else the open booking.
  const focusOn = () => {
    const wrong = document.querySelector("#reply [role=alert], #open [role=alert]");
    const field = document.querySelector("#reply textarea, #reply input:not([type=hidden])");
    const place = document.querySelector("#inbox.one-open #chosen") || document.querySelector("#waiting");
    const target = field || wrong || place;
    if (!target) return;
    if (target === wrong) wrong.tabIndex = -1;
    if (target === place) place.tabIndex = -1;
    target.focus({ preventScroll: true });
    document.querySelector("#inbox > .messages")?.scrollIntoView({ block: "nearest" });
    (field ? document.querySelector("#reply") : target).scrollIntoView({ block: "nearest" });
  };

  const count = () => {
    const boxes = [...of("input[name=booking]")];
    const chosen = boxes.filter((box) => box.checked).length;
    for (const shown of of("[data-chosen-count]")) shown.textContent = chosen || "";
    for (const all of of("[data-choose-all]")) {
      all.checked = chosen > 0 && chosen === boxes.length;
      all.indeterminate = chosen > 0 && chosen < boxes.length;
    }
  };

  const begin = () => {
    for (const hidden of of(".choose-all, .usual")) hidden.hidden = false;
    for (const button of of("[data-at-once] button")) button.hidden = true;
    count();
    const inbox = document.querySelector("#inbox");
    const shown = document.querySelector("#menu a[href$='/inbox/'] .count");
    if (inbox && shown) {
      shown.firstChild.textContent = inbox.dataset.all;
      shown.hidden = inbox.dataset.all === "0";
    }
  };

  document.addEventListener("change", (event) => {
    if (event.target.matches("[data-choose-all]")) {
      for (const box of of("input[name=booking]")) box.checked = event.target.checked;
    }
    if (event.target.matches("[data-at-once] select")) event.target.form.requestSubmit();
    count();
  });

  document.addEventListener("click", (event) => {
    const reason = event.target.closest("[data-fills]");
    if (!reason) return;
    const field = document.getElementById(reason.dataset.fills);
    const usual = [...of("[data-fills]")].map((each) => each.textContent.trim());
    const own = field.value.trim();
    const said = reason.textContent.trim();
    field.value = own && !usual.includes(own) ? `${own} ${said}` : said;
    field.focus();
  });

  // The minute in which a decision can be taken back.
  setInterval(() => {
    for (const decision of of("[data-seconds]")) {
      const left = --decision.dataset.seconds;
      decision.querySelector("[data-left]").textContent = left;
      if (left <= 0) decision.remove();
    }
    for (const bar of of(".undo-bar")) if (!bar.querySelector("li")) bar.remove();
  }, 1000);

  // What was begun and not sent is there again when its row is opened again, on this tab.
  const keyOf = (form) => `inbox ${new URL(form.action).pathname}`;
  const written = (form) => form.querySelector("textarea");

  const bringBack = () => {
    const form = document.querySelector("#reply");
    const field = form && written(form);
    if (field && !field.value) field.value = sessionStorage.getItem(keyOf(form)) ?? "";
  };

  document.addEventListener("input", (event) => {
    const form = event.target.closest("#reply");
    if (form && event.target === written(form)) sessionStorage.setItem(keyOf(form), event.target.value);
  });

  document.addEventListener("submit", (event) => {
    if (event.target.id === "reply") sessionStorage.removeItem(keyOf(event.target));
  }, true);

  document.addEventListener("htmx:after:swap", ({ detail }) => {
    if (detail.ctx.target?.id === "verdict") return;
    begin();
    bringBack();
    focusOn();
  });
  begin();
  bringBack();
})();
