// What every page shares. All of it is comfort: the pages work without.
"use strict";

// An open menu closes by Escape and by a click beside it.
document.addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll("details.drop[open]")) {
    if (!menu.contains(event.target)) menu.open = false;
  }
});
document.addEventListener("keydown", (event) => {
  const menu = event.key === "Escape" && document.querySelector("details.drop[open]");
  if (menu) {
    menu.open = false;
    menu.querySelector("summary").focus();
  }
});

// On a phone a row of places scrolls: where one is comes into sight.
document.querySelector(".lab-places [aria-current]")?.scrollIntoView({ inline: "center", block: "nearest" });

// A form that came back begins with what is wrong.
document.querySelector("[data-focus]")?.focus();
