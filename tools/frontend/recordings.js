// The page of a group's session while it is recorded: what it shows, and that every change of it is kept on the device.
// What is sent goes into the queue first (device.js), and from there to Coord.

import { device, keepPage } from "./device/page.js";

// What an absent child cannot have is out of the way, unless something in it is wrong; the bar shows who is still to be
// marked. The page that corrects a recording has the same cards.
function tidy(form) {
  for (const card of form.querySelectorAll("[data-coord-child]")) {
    const came = card.querySelector('input[name$="-attendance"]:checked')?.value ?? "";
    const show = (which, wanted) => {
      for (const part of card.querySelectorAll(`[${which}]`)) part.hidden = !wanted && !part.querySelector(".nhsuk-error-message");
    };
    show("data-coord-when-there", came && came !== "absent");
    show("data-coord-when-absent", came === "absent");
    const link = document.querySelector(`[data-coord-jump="${card.id}"]`);
    if (!link) continue;
    if (came) link.dataset.state = came === "absent" ? "absent" : "there";
    else delete link.dataset.state;
    link.querySelector("[data-coord-mark]").textContent = came === "absent" ? "–" : came ? "✓" : "";
  }
}

// --- As planned, but for what is said: a child's band is folded until something in it is, or the child is marked alone ---

function changed(field) {
  if (field.localName === "select") return [...field.options].some((one) => one.selected !== one.defaultSelected);
  return field.type === "radio" || field.type === "checkbox" ? field.checked !== field.defaultChecked : field.value !== "";
}

function fold(form) {
  for (const band of form.querySelectorAll(".coord-band")) {
    const fields = [...band.querySelectorAll("input:not([type=hidden]), select, textarea")];
    band.open = fields.some(changed) || band.querySelector(".nhsuk-error-message") !== null;
  }
}

const run = document.querySelector("form[data-coord-run]");
if (run) {
  if (run.dataset.again !== "yes") fold(run);
  run.addEventListener("change", ({ target }) => {
    if (!target.name?.endsWith("-attendance")) return;
    const band = target.closest("[data-coord-child]").querySelector(".coord-band");
    if (band) band.open = true;
  });
  const all = run.querySelector("[data-coord-all-present]");
  if (all && run.querySelector("[data-coord-expected]")) {
    all.hidden = false;
    all.addEventListener("click", () => {
      for (const card of run.querySelectorAll("[data-coord-expected]")) {
        if (card.querySelector('input[name$="-attendance"]:checked')) continue;
        card.querySelector('input[name$="-attendance"][value="present"]').checked = true;
      }
      run.dispatchEvent(new Event("input", { bubbles: true }));
      run.dispatchEvent(new Event("change", { bubbles: true }));
    });
  }
}

const cards = document.querySelector("form[data-coord-cards]");
if (cards) {
  cards.addEventListener("change", () => tidy(cards));
  tidy(cards);
}

async function begin(element) {
  const kit = await device;
  if (!kit) return;
  keepPage("session");
  await recording(element, kit);
  await kit.sendAll();
}
if (run) begin(run).catch((error) => console.warn(error));

async function recording(element, kit) {
  const { alone, discardButton, kept, put, remove, send, tell } = kit;
  const path = new URL(element.action).pathname;
  const status = document.querySelector("[data-coord-run-status]");
  const title = document.querySelector("h1 .nhsuk-caption-l")?.innerText.replace(/[\s:]*$/, "") ?? "";
  let over = false; // Coord has it: nothing more is kept
  let waits = ""; // the id of what this page says is not yet sent
  let saving = null;
  let dirty = false;

  const fields = () => [...new FormData(element)].filter(([name]) => name !== "csrf_token").map(([n, v]) => [n, String(v)]);
  const snapshot = () => ({ id: element.elements.recording_id.value, path, title, fields: fields(), at: Date.now(), page: path });

  function say(state, ...more) {
    if (status.dataset.state === state) return;
    status.dataset.state = state;
    const p = document.createElement("p");
    p.textContent = element.dataset[state] ?? "";
    status.replaceChildren(p, ...more);
  }

  /* Puts back what was kept. A field that the page does not have (a child has left) goes along unseen. */
  function restore(item) {
    const values = new Map();
    for (const [name, value] of item.fields) values.set(name, [...(values.get(name) ?? []), value]);
    for (const control of element.elements) {
      if (!control.name || control.name === "csrf_token" || control.type === "submit") continue;
      const found = values.get(control.name);
      if (control.type === "radio" || control.type === "checkbox") {
        control.checked = Boolean(found?.includes(control.value));
      } else if (control.name === "child" || control.name.endsWith("-goal")) {
        continue; // lists of what the page shows
      } else if (found?.length) {
        control.value = found[0];
      }
    }
    const here = new Set([...element.elements].map((control) => control.name));
    const children = new Set([...element.elements].filter((c) => c.name === "child").map((c) => c.value));
    const lost = (values.get("child") ?? []).filter((id) => !children.has(id));
    for (const [name, value] of item.fields) {
      const gone = name === "child" ? lost.includes(value) : !here.has(name) && lost.some((id) => name.startsWith(`c-${id}-`));
      if (!gone) continue;
      const input = document.createElement("input");
      Object.assign(input, { type: "hidden", name, value });
      element.append(input);
    }
    for (const details of element.querySelectorAll("details")) {
      if ([...details.querySelectorAll("textarea")].some((t) => t.value.trim())) details.open = true;
    }
    tidy(element);
    fold(element);
  }

  /* At every change; while one write is under way, the next waits for it and takes the latest. */
  function keep() {
    if (over) return;
    dirty = true;
    saving ??= (async () => {
      try {
        while (dirty && !over) {
          dirty = false;
          await put("draft", snapshot());
        }
      } catch (error) {
        console.warn(error);
      }
      saving = null;
    })();
  }

  // Coord's clock when the page was made, and what has passed since: a tablet's own clock may be wrong.
  const ahead = (kit.asOf || Date.now()) - Number(element.dataset.now);
  function endNow() {
    const { "ended-day": day, "ended-time": time } = element.elements;
    if (time.value.trim()) return;
    const parts = new Intl.DateTimeFormat("en-GB", {
      timeZone: element.dataset.zone, year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit",
    }).formatToParts(new Date(Date.now() - ahead));
    const part = (type) => parts.find((p) => p.type === type).value;
    day.value = `${part("day")}/${part("month")}/${part("year")}`;
    time.value = `${part("hour")}:${part("minute")}`;
  }

  element.addEventListener("change", (event) => {
    tidy(element);
    if (event.target.form === element) keep();
  });
  element.addEventListener("input", keep);

  let busy = false;
  element.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (busy) return;
    busy = true;
    endNow(); // it may be sent hours later
    const item = snapshot();
    say("sending");
    try {
      await saving;
      await put("queue", item);
      await remove("draft", path);
      const became = await alone(() => send(item, true));
      heard(item, became);
      await tell(became.state === "signed-out");
    } catch (error) {
      console.warn(error);
      over = true;
      element.submit(); // no storage: as without this script
    }
    busy = false;
  });

  function heard(item, became) {
    if (item.path !== path) return;
    if (became.state === "recorded") {
      over = true;
      location.assign(became.location);
    } else if (became.state === "look") {
      asAPerson();
    } else {
      waits = item.id;
      say(became.state === "signed-out" ? "signedOut" : "waiting", discardButton(item));
      status.scrollIntoView({ block: "nearest" });
    }
  }

  /* Another tab may have sent what this page says is not yet sent; the session's page tells what became of it. */
  function settle(queue) {
    if (!waits || over) return;
    const item = queue.find((one) => one.id === waits);
    if (item?.look) asAPerson();
    if (item) return;
    over = true;
    location.assign(path.replace(/\/run$/, ""));
  }

  /* Sent as a person would send it, the form comes back with what is wrong with it. */
  function asAPerson() {
    say("look");
    over = true;
    element.submit();
  }

  async function stop() {
    over = true;
    await saving;
  }

  tidy(element);
  const mine = (item) => item.path === path;
  kit.forms.push({ mine, heard, settle, stop, atRest: () => saving });
  if (element.dataset.again === "yes") {
    keep(); // the page has come back with problems: it is the latest
    const refused = (await kept("queue")).find(mine);
    if (refused) say("look", discardButton(refused));
    return;
  }
  const queued = (await kept("queue")).filter(mine).sort((a, b) => b.at - a.at)[0];
  const draft = (await kept("draft")).find(mine);
  if (draft && (!queued || draft.at > queued.at)) {
    restore(draft);
    say("restored", discardButton(draft));
  } else if (queued) {
    restore(queued);
    if (!queued.look) waits = queued.id;
    say(queued.look ? "look" : "waiting", discardButton(queued));
    if (queued.look && navigator.onLine) asAPerson();
  }
}
