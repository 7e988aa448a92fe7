// The week as a calendar to drag in. It draws what the list of the same week says, and asks nobody else: one source,
// whoever looks. Times are wall-clock times of the facility, which the calendar shows whatever the browser's own zone.
// Nothing is written here: a drag opens the form with the times filled in.
"use strict";

{
  const SMALLEST = 20;
  const HEADER = 41;
  const view = document.getElementById("week-view");
  const place = document.getElementById("calendar");
  const narrow = matchMedia("(max-width: 640px)");
  let calendar = null;
  let free = [];

  const data = () => document.getElementById("week-data");
  const local = (iso) => iso.slice(0, 16);
  const go = (url, start, end) => {
    location.assign(`${url}?start=${start}${end ? `&end=${end}` : ""}`);
  };
  const isFree = (start, end) => free.some(([from, to]) => from <= start && end <= to);
  const said = (text, name) => {
    const element = document.createElement("span");
    element.className = name;
    element.textContent = text;
    return element;
  };

  const read = () => {
    const found = [];
    free = [];
    for (const day of data().querySelectorAll("[data-day]")) {
      const clear = [];
      for (const pair of day.dataset.closed.split(" ").filter(Boolean)) {
        const [start, end] = pair.split("/");
        clear.push([start, end]);
        found.push({ id: `closed ${start}`, start, end, display: "background", classNames: ["kind-closed"] });
      }
      for (const item of day.querySelectorAll("[data-kind]")) {
        const { kind, start, end, move, until } = item.dataset;
        const about = {
          day: day.dataset.name,
          word: item.querySelector(".pill").textContent,
          hours: `${start.slice(11)}–${end.slice(11) === "00:00" ? "24:00" : end.slice(11)}`,
          whose: item.querySelector(".whose")?.textContent ?? "",
          url: item.querySelector("a")?.getAttribute("href"),
          move,
          until,
        };
        const background = kind === "free" || kind === "buffer";
        if (kind === "free") {
          free.push([start, end]);
          clear.push([start, end]);
        }
        found.push({
          id: `${kind} ${start} ${end}`,
          start,
          end,
          display: background ? "background" : "auto",
          startEditable: Boolean(move),
          durationEditable: Boolean(move),
          classNames: [`kind-${kind}`],
          extendedProps: about,
        });
      }
      found.push(...rest(day.dataset.day, clear));
    }
    return found;
  };

  // What of a day is open, but not to be booked now: too soon, too late, or held.
  const rest = (day, clear) => {
    const found = [];
    let at = `${day}T00:00`;
    for (const [start, end] of [...clear.sort(), [`${day}T24:00`]]) {
      if (at < start) found.push({ id: `over ${at}`, start: at, end: start, display: "background", classNames: ["kind-over"] });
      at = end;
    }
    return found;
  };

  const content = ({ event }) => {
    const { day, word, hours, whose, url, until } = event.extendedProps;
    if (!word) return { domNodes: event.classNames.includes("kind-closed") ? [said(view.dataset.closedWord, "word")] : [] };
    if (event.display === "background") {
      // A free time is a link too, so that the keyboard comes to it.
      if (!event.classNames.includes("kind-free") || !url) return { domNodes: [] };
      const link = document.createElement("a");
      link.href = url;
      link.append(said(`${word} ${day} ${hours}`, "label"));
      return { domNodes: [link] };
    }
    const nodes = [said(`${day} `, "visually-hidden"), said(word, "word"), said(` ${whose}`, "whose"), said(hours, "hours")];
    if (until) Object.assign(nodes[2].dataset, { heldUntil: until, word: "" });
    return { domNodes: nodes };
  };

  // An article is no item of a list; one that the keyboard comes to says its name.
  const mounted = ({ el }) => {
    el.removeAttribute("role");
    if (el.tabIndex === 0) el.setAttribute("aria-label", el.textContent.trim());
  };

  const moved = ({ event, revert }) => {
    // The page may come back from the browser's memory: then it must show what is true.
    const [start, end] = [event.start, event.end].map((each) => stampOf(each));
    revert();
    go(event.extendedProps.move, start, end);
  };

  // What the calendar hands over are local dates whose clock reads the facility's time.
  const two = (number) => String(number).padStart(2, "0");
  const dayOf = (date) => `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  const stampOf = (date) => `${dayOf(date)}T${two(date.getHours())}:${two(date.getMinutes())}`;

  const header = (date) => {
    const name = data().querySelector(`[data-day="${dayOf(date)}"]`)?.dataset.name ?? "";
    return { domNodes: [said(name, "")] };
  };

  // The library calls its layout a table, but the stretches of time in it are no cells: it is a group with a name.
  const plain = () => {
    for (const each of place.querySelectorAll("[role=rowgroup], [role=row], [role=columnheader], [role=rowheader], [role=cell], [role=list]")) {
      for (const name of ["role", "aria-colindex", "aria-rowindex"]) each.removeAttribute(name);
    }
    const root = place.firstElementChild;
    root.setAttribute("role", "group");
    root.setAttribute("aria-labelledby", "week");
  };

  const create = () => {
    const { offset, step, book, from, to, closed, anywhere } = view.dataset;
    const hours = Number(to) - Number(from);
    const room = place.clientHeight - HEADER;
    const halves = room / hours / 2 >= SMALLEST;
    const slots = hours * (halves ? 2 : 1);
    const open = closed === undefined;
    calendar = EventCalendar.create(place, {
      view: "timeGridWeek",
      timeZone: offset,
      date: data().dataset.monday,
      firstDay: 1,
      height: "100%",
      headerToolbar: { start: "", center: "", end: "" },
      allDaySlot: false,
      nowIndicator: true,
      slotMinTime: `${from}:00`,
      slotMaxTime: `${to}:00`,
      scrollTime: `${from}:00`,
      slotDuration: halves ? "00:30" : "01:00",
      slotHeight: Math.max(SMALLEST, Math.floor(room / slots)),
      slotLabelFormat: (time) => `${two(time.getHours())}:00`,
      snapDuration: { seconds: Number(step) },
      dayHeaderFormat: header,
      dayHeaderAriaLabelFormat: (date) => data().querySelector(`[data-day="${dayOf(date)}"]`)?.dataset.name ?? "",
      eventContent: content,
      eventDidMount: mounted,
      eventAllUpdated: plain,
      eventClick: ({ event }) => event.extendedProps.url && location.assign(event.extendedProps.url),
      eventDrop: moved,
      eventResize: moved,
      eventResizableFromStart: true,
      selectable: open,
      selectConstraint: ({ startStr, endStr }) => anywhere !== undefined || isFree(local(startStr), local(endStr)),
      select: ({ startStr, endStr }) => go(book, local(startStr), local(endStr)),
      dateClick: ({ dateStr }) => open && isFree(local(dateStr), local(dateStr)) && go(book, local(dateStr)),
      longPressDelay: 400,
      events: read(),
    });
  };

  // A phone shows the list, and is spared the library.
  const load = () => {
    if (document.querySelector("script[data-draws]")) return;
    const library = document.createElement("script");
    library.src = view.dataset.library;
    library.dataset.draws = "";
    library.addEventListener("load", draw);
    document.head.append(library);
  };

  const draw = () => {
    if (narrow.matches || data().dataset.view === "list") return;
    if (!globalThis.EventCalendar) {
      load();
      return;
    }
    view.classList.add("has-calendar");
    place.hidden = false;
    if (!calendar) {
      create();
      return;
    }
    calendar.setOption("date", data().dataset.monday);
    calendar.setOption("events", read());
  };

  document.addEventListener("htmx:after:swap", () => {
    draw();
    document.getElementById("week-said").textContent = document.getElementById("week").textContent;
  });
  narrow.addEventListener("change", draw);
  const hint = view.querySelector(".hint");
  if (hint) hint.hidden = false;
  draw();
}
