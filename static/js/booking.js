// The booking form: lengths as buttons, an end that follows its start, free times that fill the form in; and how long
// a time is still held. The server judges; this only fills in fields and lets htmx ask.
"use strict";

{
  const MINUTE = 60000;

  // Wall-clock times of the facility, reckoned as if they were UTC: the browser's own zone never comes in.
  const moment = (day, clock) => Date.parse(`${day}T${clock}Z`);
  const stamp = (at) => new Date(at).toISOString().slice(0, 16);

  const timesOf = (form) => {
    const { day, start, end, end_day: endDay } = form.elements;
    const from = moment(day.value, start.value);
    let to = moment(endDay.value || day.value, end.value);
    if (!endDay.value && end.value === "00:00") to += 1440 * MINUTE;
    return { from, length: to > from ? (to - from) / MINUTE : 0 };
  };

  const put = (form, from, to) => {
    const { day, start, end, end_day: endDay } = form.elements;
    const [first, last] = [stamp(from), stamp(to)];
    const atMidnight = last.endsWith("T00:00") && to - from <= 1440 * MINUTE && stamp(to - MINUTE).startsWith(first.slice(0, 10));
    day.value = first.slice(0, 10);
    start.value = first.slice(11);
    end.value = last.slice(11);
    endDay.value = last.slice(0, 10) === first.slice(0, 10) || atMidnight ? "" : last.slice(0, 10);
    if (endDay.value) endDay.closest("details").open = true;
    press(form);
    day.dispatchEvent(new Event("change", { bubbles: true }));
  };

  const press = (form) => {
    const { length } = timesOf(form);
    if (length) form.dataset.length = length;
    for (const each of form.querySelectorAll("[data-minutes]")) {
      each.setAttribute("aria-pressed", String(Number(each.dataset.minutes) / 60 === length));
    }
  };

  const begin = (form) => {
    for (const row of form.querySelectorAll(".lengths")) row.hidden = false;
    press(form);
    form.addEventListener("click", (event) => {
      const length = event.target.closest("[data-minutes]");
      const slot = event.target.closest("[data-slot]");
      if (length) {
        const { from } = timesOf(form);
        if (from) put(form, from, from + Number(length.dataset.minutes) * 1000);
      } else if (slot) {
        event.preventDefault();
        const [from, to] = slot.dataset.slot.split("/").map((each) => moment(...each.split("T")));
        put(form, from, to);
        form.elements.start.focus();
      }
    });
    // Before htmx hears of it: a start that moves takes its end along, and what was wrong is no longer said.
    form.addEventListener("change", (event) => {
      const field = event.target.closest(".field");
      field?.classList.remove("wrong");
      field?.querySelector(".errors")?.remove();
      const { from } = timesOf(form);
      const length = Number(form.dataset.length);
      if (event.isTrusted && ["day", "start"].includes(event.target.name) && from && length) {
        put(form, from, from + length * MINUTE);
        return;
      }
      press(form);
    }, true);
  };

  const count = () => {
    for (const each of document.querySelectorAll("[data-held-until]")) {
      const left = Math.max(0, Math.round((Date.parse(each.dataset.heldUntil) - Date.now()) / 1000));
      each.textContent = `${each.dataset.word} ${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")}`;
    }
  };

  const beginAll = () => {
    for (const form of document.querySelectorAll("form.wish:not([data-begun]), form.offer:not([data-begun])")) {
      form.dataset.begun = "";
      begin(form);
    }
  };

  beginAll();
  document.addEventListener("htmx:after:swap", beginAll);
  count();
  setInterval(count, 1000);
}
