// The rules: a field that is set can go back to what is inherited; the words beside come from the server.
"use strict";

const form = document.querySelector(".rules-form");
const isSet = (field) => !["", "unknown"].includes(field.value);

function showWhatIsSet() {
  for (const button of form.querySelectorAll("[data-inherit]")) {
    const field = document.getElementById(button.dataset.inherit);
    button.hidden = !isSet(field);
    button.closest(".rule").classList.toggle("set", isSet(field));
  }
}

form.addEventListener("click", (event) => {
  const button = event.target.closest("[data-inherit]");
  if (!button) return;
  const field = document.getElementById(button.dataset.inherit);
  field.value = field.querySelector("option[value=unknown]") ? "unknown" : "";
  field.dispatchEvent(new Event("input", { bubbles: true }));
  field.focus();
});
form.addEventListener("input", () => {
  showWhatIsSet();
  form.querySelector(".unsaved").hidden = false;
});
showWhatIsSet();
