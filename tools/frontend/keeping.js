// Forms that may wait on this device: a note to sign, what was seen of a goal (in full or by one press), a teacher's card. What is typed is kept
// there, sealed, until Coord has it. When a button is pressed and Coord cannot be reached (unsaved.js, notes.js), what it
// sends waits in the queue (device.js) and goes by itself; what becomes of it is said beside the button or box one is in.

import { device, keepPage } from "./device/page.js";

const PAUSE = 300; // milliseconds without a key before what was typed is kept

const PRESSED = ["hidden", "submit", "button", "fieldset"]; // types of what nobody types into
const isTyped = (field) => {
  if (PRESSED.includes(field.type)) return false;
  if (field.type === "radio" || field.type === "checkbox") return field.checked !== field.defaultChecked;
  if (field.localName !== "select") return field.value !== field.defaultValue;
  return [...field.options].some((one, index) => one.selected !== (one.defaultSelected || (index === 0 && !field.querySelector("[selected]"))));
};

/* Puts back what was typed, and the ids that it was typed under. */
function restore(form, { fields }) {
  const values = new Map();
  for (const [name, value] of fields) values.set(name, [...(values.get(name) ?? []), value]);
  for (const field of form.elements) {
    const found = values.get(field.name);
    if (!field.name || ["csrf_token", "form"].includes(field.name) || field.type === "submit") continue;
    if (field.type === "radio" || field.type === "checkbox") field.checked = Boolean(found?.includes(field.value));
    else if (found) field.value = found.at(-1);
  }
  form.dispatchEvent(new Event("change", { bubbles: true }));
}

/* Whether Coord has these words already: in a form, they differ in nothing that a person can see. */
const UNSEEN = ["form", "revision", "tab", "turn"];
const seen = (fields) => JSON.stringify(fields.filter(([name, value]) => value && !UNSEEN.includes(name)));
const same = (one, other) => seen(one) === seen(other);

async function keeps(form, kit) {
  const words = document.querySelector("[data-coord-words]").dataset;
  // A button of a note is called "action", so the form's own is asked for as an attribute.
  const pathOf = (element, name) => new URL(element.getAttribute(name), document.baseURI).pathname;
  const { dataset } = form, path = pathOf(form, "action");
  const card = dataset.coordCard; // of a card, on a page of many: where all that it sends goes, begins with this
  const field = (name) => form.elements.namedItem(name);
  const id = () => dataset.coordId ?? field(dataset.coordIdField).value;
  const ahead = (kit.asOf || Date.now()) - Number(dataset.coordClock); // of Coord's clock: a phone's own may be wrong
  const buttons = [...form.elements].every((one) => PRESSED.includes(one.type)); // one press is all: nothing is being written
  const waits = new Map(); // what waits, each with the place where that is said
  const takenBack = new Set(); // what was written on while it may have been on its way
  let over = false, timer = 0, saving = null;
  let cameBack = false; // sent back with words in it: they are not new to the page, and nowhere else

  // ---- what is said, and where ----------------------------------------------------------------------------------------

  const now = (text) => text.replace("%s", kit.clock(Date.now()));

  /* Beside the goal whose level was pressed, or at the end of the form. */
  function placeOf(to) {
    const button = to !== path && [...form.querySelectorAll("[formaction]")].find((one) => pathOf(one, "formaction") === to);
    return (button && button.closest("[data-coord-place]")?.querySelector("[data-coord-status]")) || form.querySelector(":scope > [data-coord-status], [data-coord-status]:not([data-coord-place] *)");
  }

  const discard = (item) => kit.discardButton(item, "coord-take");

  function say(place, state, text, ...more) {
    place.dataset.state = state;
    place.replaceChildren(text, ...more.flatMap((one) => [" ", one]));
  }

  function sayWaiting(place) {
    const here = [...waits.values()].filter((one) => one.place === place).map((one) => one.item);
    const last = here.at(-1);
    if (!last) say(place, "none", "");
    else if (last.look) say(place, "failed", kit.line.dataset.look.replace("%s", last.title), kit.openLink(last), discard(last));
    else say(place, "waits", words.waits.replace("%s", here.length), discard(last));
  }

  function wait(item) {
    waits.set(item.id, { item, place: placeOf(item.path) });
    sayWaiting(waits.get(item.id).place);
  }

  // ---- while it is typed ----------------------------------------------------------------------------------------------

  const fields = (leave) =>
    [...new FormData(form)].filter(([name]) => name !== "csrf_token" && name !== leave).map(([name, value]) => [name, String(value)]);

  /* `safe`: Coord has it too, and it is here for a page that is loaded anew without a connection. */
  function keep(safe = false) {
    clearTimeout(timer);
    timer = 0;
    if (over || buttons) return saving; // the form of many words may have a draft on the same path
    const begun = dataset.coordBegun && [["action", dataset.coordBegun]];
    const draft = { id: id(), path, title: dataset.coordTitle, page: location.pathname, begun, fields: fields(), at: Date.now(), safe };
    saving = [...form.elements].some(isTyped) || cameBack ? kit.put("draft", draft) : kit.remove("draft", path);
    return saving;
  }
  const trouble = (error) => console.warn(error);
  const keepNow = () => keep()?.then(() => {
    const place = placeOf(path);
    if (!navigator.onLine && !over && ![...waits.values()].some((one) => one.place === place)) say(place, "waits", now(words.here));
  }, trouble);

  function later() {
    clearTimeout(timer);
    timer = setTimeout(keepNow, PAUSE);
  }

  form.addEventListener("input", () => {
    if (!card && waits.size) withdraw().catch(trouble);
    later();
  });
  form.addEventListener("change", later);
  for (const end of ["pagehide", "visibilitychange"]) document.addEventListener(end, () => timer && keepNow(), true);

  /* Written on after its button was pressed: it is not sent half done, but when the button is pressed again. */
  async function withdraw() {
    takenBack.add(id());
    waits.clear();
    over = false;
    await kit.remove("queue", id());
    await kit.tell();
  }

  /* Of a note, Coord has a draft; or it cannot be reached. */
  form.addEventListener("coord:autosaved", ({ detail: { state, all } }) => {
    if (state === "saved") {
      if (all) keep(true)?.catch(trouble);
      kit.lives();
      keepPage(dataset.coordKeep).catch(trouble);
    } else if (state === "unreachable" && !waits.size) {
      keep()?.then(() => over || say(placeOf(path), "waits", now(words.away)), trouble);
    }
  });

  // ---- when its button is pressed -------------------------------------------------------------------------------------

  form.addEventListener("coord:unreachable", (event) => {
    const { pressed, failed } = event.detail;
    if (dataset.coordButton && pressed?.value !== dataset.coordButton) return;
    event.preventDefault();
    queue(pressed).catch((error) => {
      console.warn(error); // no room, or nobody's sign-in lives: it waits on its page
      over = false;
      failed?.();
    });
  });

  async function queue(pressed) {
    const to = pressed?.hasAttribute("formaction") ? pathOf(pressed, "formaction") : path;
    const aside = card && to !== path; // a goal of a card: its line is another thing
    const at = Date.now();
    const pressedAt = field("pressed_at");
    if (pressedAt) pressedAt.value = new Date(at - ahead).toISOString();
    const sent = fields(aside ? "line" : undefined);
    if (pressedAt) pressedAt.value = "";
    if (pressed?.name) sent.push([pressed.name, pressed.value]);
    const item = { id: aside ? `${id()} ${to}` : id(), path: to, title: dataset.coordTitle, page: location.pathname, fields: sent, at, posts: true };
    over = !card;
    takenBack.delete(item.id);
    await kit.put("queue", item);
    if (card) {
      field(dataset.coordIdField).value = crypto.randomUUID(); // what is sent next is another one
      if (!aside && !buttons) field("line").value = "";
      form.dispatchEvent(new Event("change", { bubbles: true }));
    } else {
      await saving?.catch(trouble);
      await kit.remove("draft", path);
    }
    form.dispatchEvent(new Event("coord:queued"));
    wait(item);
    await kit.tell();
  }

  // ---- and what became of it ------------------------------------------------------------------------------------------

  function heard(item, became) {
    const place = waits.get(item.id)?.place ?? placeOf(item.path);
    if (became.state === "recorded") {
      waits.delete(item.id);
      if ([...waits.values()].some((one) => one.place === place)) sayWaiting(place);
      else say(place, "saved", now(kit.line.dataset.sent));
      if (card || takenBack.has(item.id)) return; // what was written on stays on its page, with the button to send it
      over = true;
      form.dispatchEvent(new Event("coord:sent")); // nothing is left to be asked about
      location.assign(became.location);
    } else if (became.state === "look") {
      wait({ ...item, look: true });
    } else if (became.state === "signed-out") {
      say(place, "waits", kit.line.dataset.signedOut, discard(item));
    }
  }

  function stop(item) {
    const place = waits.get(item.id)?.place;
    waits.delete(item.id);
    if (place) sayWaiting(place);
    over = !card;
    if (over) form.dispatchEvent(new Event("coord:sent"));
    return saving?.catch(trouble);
  }

  async function atRest() {
    await keep()?.catch(trouble);
    form.dispatchEvent(new Event("coord:sent"));
  }

  const mine = (item) => (card ? item.path.startsWith(card) && (item.posts || !buttons) : item.id === id());
  kit.forms.push({ mine, heard, stop, atRest, keepsOn: Boolean(card) });
  const queued = (await kit.kept("queue")).filter(mine);
  const draft = !buttons && (await kit.kept("draft")).find((one) => one.path === path);
  if (dataset.coordAgain === "yes") {
    cameBack = Boolean(draft || queued.length) || [...form.elements].some((one) => one.localName === "textarea" && one.value.trim());
    await kit.remove("queue", id()); // it is on its page again, to be put right
    return keep();
  }
  if (draft && !kit.asOf && (draft.safe || same(draft.fields, fields()))) await kit.remove("draft", path);
  else if (draft) {
    restore(form, draft);
    say(placeOf(path), "saved", words.restored, discard(draft));
    form.dispatchEvent(new Event("input", { bubbles: true })); // a note is kept by Coord too, as soon as that is possible
  }
  if (queued.length && !card) {
    restore(form, queued.at(-1));
    over = true;
  }
  queued.forEach(wait);
}

device.then(async (kit) => {
  const forms = kit ? [...document.querySelectorAll("form[data-coord-keep]")] : [];
  for (const form of forms) await keeps(form, kit);
  if (forms.length) {
    await keepPage(forms[0].dataset.coordKeep);
    await kit.sendAll();
  }
}).catch((error) => console.warn(error));
