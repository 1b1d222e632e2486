/* Phrases while one writes: `;name` and a space (or Tab) becomes the phrase, and its first place to fill is selected; Tab
   goes on to the next. They are chosen beside the boxes as well, which is what is left without this file. */
(() => {
  "use strict";

  const chooser = document.querySelector("[data-phrases]"), into = chooser?.querySelector("[data-phrase-into]");
  if (!into) return;

  const form = chooser.closest("form"), said = form.querySelector("[data-phrase-said]");
  const fixed = [...(into.options ?? [into])].map((one) => document.getElementById(one.value)).filter(Boolean);
  const boxes = fixed.length ? fixed : [...form.querySelectorAll("textarea")];
  const buttons = [...chooser.querySelectorAll("[data-phrase]")];
  const texts = new Map(buttons.map((one) => [one.dataset.phrase, document.getElementById(one.getAttribute("aria-describedby")).textContent]));
  const TYPED = /(?<=^|[\s(“"])[;]([\p{L}\p{N}-]+)$/u, PLACE = /\[[^[\]\n]+\]/g;
  let filling = null; // the box that has places to fill, until Tab finds no more of them, or one leaves it

  chooser.hidden = false; // a page whose boxes are not said has no use for it without this file
  into.removeAttribute("name"); // here the box is known; and which one had the focus is no word to be kept

  /* Any box that is in sight by now, as it is called. */
  function offer() {
    const last = into.value;
    into.replaceChildren(...boxes.filter((box) => box.checkVisibility?.() ?? box.offsetParent).map((box) => new Option(box.labels[0].textContent.trim(), box.id)));
    into.value = last;
    if (into.selectedIndex < 0) into.selectedIndex = 0;
  }
  if (!fixed.length) {
    offer();
    chooser.addEventListener("toggle", () => chooser.open && offer());
  }

  /* Where typed words are replaced, the browser can take it back (Ctrl+Z). */
  function put(box, from, to, name) {
    const text = texts.get(name);
    box.focus();
    box.setSelectionRange(from, to);
    if (!document.execCommand("insertText", false, text)) {
      box.setRangeText(text, from, to, "end");
      box.dispatchEvent(new Event("input", { bubbles: true }));
    }
    const place = next(box, from, from + text.length);
    filling = place ? box : null;
    said.textContent = chooser.dataset.put.replace("{name}", name) + (place ? ` ${chooser.dataset.fill.replace("{place}", place.slice(1, -1))}` : "");
  }

  /* Selects the next place to fill between two points of a box; it, or nothing. */
  function next(box, from, to) {
    for (const found of box.value.slice(0, to).matchAll(PLACE)) {
      if (found.index < from) continue;
      box.setSelectionRange(found.index, found.index + found[0].length);
      return found[0];
    }
    return "";
  }

  /* The name before the cursor, where one of mine was typed. */
  function typed(box, end) {
    const [word, name] = TYPED.exec(box.value.slice(0, end)) ?? [];
    const known = name?.normalize("NFC").toLowerCase();
    return texts.has(known) ? { name: known, from: end - word.length } : null;
  }

  for (const box of boxes) {
    box.addEventListener("focus", () => { if (into.options) into.value = box.id; });
    box.addEventListener("blur", () => { filling = null; });
    box.addEventListener("input", (event) => {
      const end = box.selectionStart;
      if (event.isComposing || event.data !== " " || box.value[end - 1] !== " ") return;
      const found = typed(box, end - 1);
      if (found) put(box, found.from, end, found.name);
    });
    box.addEventListener("keydown", (event) => {
      if (event.key === "Escape") filling = null;
      if (event.key !== "Tab" || event.shiftKey || event.ctrlKey || event.altKey || event.metaKey || event.isComposing) return;
      const end = box.selectionEnd, found = box.selectionStart === end && typed(box, end);
      if (found) put(box, found.from, end, found.name);
      else if (filling !== box || !next(box, end, box.value.length)) { filling = null; return; }
      event.preventDefault();
    });
  }

  chooser.addEventListener("click", (event) => {
    const button = event.target.closest("[data-phrase]");
    if (!button) return;
    event.preventDefault();
    const box = boxes.find((one) => one.id === into.value) ?? boxes[0];
    chooser.open = false;
    put(box, box.selectionStart, box.selectionEnd, button.dataset.phrase);
  });
})();
