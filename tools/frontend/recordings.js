// Recordings of group sessions that wait on this device. While a session is recorded, every change is kept here; what is
// sent goes into a queue first, and from there to Coord as soon as it can be reached: on opening any page, when the
// connection is back, and every few seconds. The ids in the form make sure that what arrives twice is recorded once.
//
// All of it is sealed with a key of the person who is signed in (coord/web/kit/device.py), which is on the page and in no
// storage: whoever uses the device next finds bytes and a time. It is removed when Coord has it, and after thirty days,
// with a warning in the last week. Without this file, storage or a secure connection, the form works by its button alone.

import { createStore, del, entries, set } from "idb-keyval";

const AGAIN = 15000; // milliseconds between two attempts while something waits
const DAY = 24 * 3600 * 1000;
const FORGOTTEN = 30 * DAY; // what was never sent does not stay on a device for ever
const WARNED = 7 * DAY; // before that
const LOCK = "coord-recordings"; // one tab sends at a time; the server would take the second for a repetition anyway

const meta = (name) => document.querySelector(`meta[name="${name}"]`);
const person = meta("coord-person")?.content;
const seals = (meta("coord-seals")?.content ?? "").split(" ").filter(Boolean);
const line = document.querySelector("[data-coord-unsent]");

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

const changed = (input) => (input.type === "radio" || input.type === "checkbox" ? input.checked !== input.defaultChecked : input.value !== "");

function fold(form) {
  for (const band of form.querySelectorAll(".coord-band")) {
    const fields = [...band.querySelectorAll("input:not([type=hidden]), textarea")];
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

if (person && seals.length && window.indexedDB && window.crypto?.subtle) {
  begin().catch((error) => console.warn(error));
}

const hex = (bytes) => [...new Uint8Array(bytes)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
const hashed = async (text) => hex(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text))).slice(0, 32);

/* One of the person's keys: what it seals stands under names that begin with its tag, and tell nothing. */
async function opened(seal) {
  const raw = Uint8Array.from(atob(seal.replaceAll("-", "+").replaceAll("_", "/")), (letter) => letter.charCodeAt(0));
  const key = await crypto.subtle.importKey("raw", raw, "AES-GCM", false, ["encrypt", "decrypt"]);
  return { key, tag: await hashed(`coord-recordings ${seal}`) };
}

async function begin() {
  const store = createStore("coord-recordings", "kept");
  const keys = await Promise.all(seals.map(opened));
  const nameOf = async (tag, kind, id) => `${tag}:${kind}:${await hashed(`${tag} ${kind} ${id}`)}`;
  const idOf = (kind, value) => (kind === "draft" ? value.path : value.id);

  async function put(kind, value) {
    const [{ key, tag }] = keys;
    const iv = crypto.getRandomValues(new Uint8Array(12));
    const bytes = new TextEncoder().encode(JSON.stringify(value));
    const sealed = await crypto.subtle.encrypt({ name: "AES-GCM", iv }, key, bytes);
    await set(await nameOf(tag, kind, idOf(kind, value)), { at: value.at, iv, sealed }, store);
  }

  async function remove(kind, id) {
    for (const { tag } of keys) await del(await nameOf(tag, kind, id), store);
  }

  async function kept(kind) {
    const found = [];
    for (const [name, { iv, sealed }] of await entries(store)) {
      const own = keys.find(({ tag }) => name.startsWith(`${tag}:${kind}:`));
      if (!own) continue;
      try {
        const bytes = await crypto.subtle.decrypt({ name: "AES-GCM", iv }, own.key, sealed);
        found.push(JSON.parse(new TextDecoder().decode(bytes)));
      } catch (error) {
        console.warn(error); // damaged: it cannot be read by anybody any more
      }
    }
    return found;
  }

  /* Whoever's it is: what is too old goes, and so does what an earlier Coord kept in the clear, once it is sealed. */
  for (const [name, value] of await entries(store)) {
    const [owner, kind] = name.split(":");
    if (owner === person && !value.sealed) await put(kind, value);
    if (value.at < Date.now() - FORGOTTEN || (owner === person && !value.sealed)) {
      await del(name, store);
    }
  }

  let form = null; // the page to record with, if this is one

  /* Where a form that was sent arrives, Coord has it: whichever way it got there. */
  const recorded = document.querySelector("[data-coord-recorded]")?.dataset.coordRecorded;
  if (recorded) await remove("queue", recorded);
  for (const draft of await kept("draft")) {
    if (draft.id === recorded) await remove("draft", draft.path);
  }

  // ---- sending ------------------------------------------------------------------------------------------------------

  let timer = 0;

  /* Sends one item. What became of it: recorded, waiting, signed-out or look. */
  async function send(item) {
    let answer;
    try {
      answer = await post(item);
      if (answer.status === 400) {
        if (!(await renew())) return { state: "signed-out" };
        answer = await post(item);
      }
    } catch {
      return { state: "waiting" };
    }
    if (answer.type === "opaqueredirect" || answer.status === 400 || answer.status === 401) return { state: "signed-out" };
    if (answer.ok) {
      try {
        const said = await answer.json();
        if (said.state === "recorded") {
          await remove("queue", item.id);
          return said;
        }
      } catch {
        // not Coord: a hotel's sign-in page, say
      }
      return { state: "waiting" };
    }
    if (answer.status >= 500 || answer.status === 429) return { state: "waiting" };
    await put("queue", { ...item, look: true });
    return { state: "look" };
  }

  function post(item) {
    return fetch(item.path, {
      method: "POST",
      body: new URLSearchParams(item.fields),
      redirect: "manual",
      headers: { Accept: "application/json", "X-CSRFToken": meta("csrf-token")?.content ?? "" },
    });
  }

  /* Signed in again in another tab, this page needs the new sign-in's token; but only if it is the same person's. */
  async function renew() {
    const answer = await fetch("/account", { redirect: "manual" });
    if (!answer.ok) return false;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const token = page.querySelector('meta[name="csrf-token"]')?.content;
    if (!token || page.querySelector('meta[name="coord-person"]')?.content !== person) return false;
    meta("csrf-token").content = token;
    for (const input of document.querySelectorAll('input[name="csrf_token"]')) input.value = token;
    return true;
  }

  const alone = (task) => (navigator.locks ? navigator.locks.request(LOCK, task) : task());

  /* Everything that waits, oldest first; what was refused waits for its author. */
  const sendAll = () =>
    alone(async () => {
      let signedOut = false;
      for (const item of (await kept("queue")).sort((a, b) => a.at - b.at)) {
        if (item.look) continue;
        const became = await send(item);
        signedOut ||= became.state === "signed-out";
        form?.heard(item, became);
        if (became.state === "waiting" || signedOut) break;
      }
      await tell(signedOut);
    });

  async function tell(signedOut = false) {
    const queue = await kept("queue");
    form?.settle(queue);
    const look = queue.filter((item) => item.look);
    const waiting = queue.length - look.length;
    clearTimeout(timer);
    if (waiting) timer = setTimeout(sendAll, AGAIN);
    if (!line) return;
    const parts = [];
    if (waiting) parts.push([counted("waiting", waiting) + (signedOut ? ` ${line.dataset.signedOut}` : "")]);
    const oldest = Math.min(...queue.map((item) => item.at));
    if (oldest < Date.now() - FORGOTTEN + WARNED) {
      const day = new Date(oldest + FORGOTTEN).toLocaleDateString(document.documentElement.lang, { dateStyle: "long" });
      parts.push([line.dataset.expires.replace("%s", day)]);
    }
    for (const item of look) {
      if (form && item.path === location.pathname) continue; // this page says so itself
      parts.push([line.dataset.look.replace("%s", item.title), item]);
    }
    const text = parts.map(([words]) => words).join(" ");
    if (line.dataset.said === text) return; // said once, not at each attempt
    line.dataset.said = text;
    line.replaceChildren(
      ...parts.map(([words, item]) => {
        const p = document.createElement("p");
        p.className = "nhsuk-u-margin-bottom-0";
        p.append(words);
        if (!item) return p;
        if (location.pathname !== item.path) {
          const a = document.createElement("a");
          a.href = item.path;
          a.textContent = line.dataset.open;
          p.append(" ", a);
        }
        p.append(" ", discardButton(item));
        return p;
      }),
    );
  }

  /* Takes a recording off the device that will never be sent. */
  function discardButton(item) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "nhsuk-button nhsuk-button--secondary nhsuk-button--small";
    button.textContent = line.dataset.discard;
    button.addEventListener("click", async () => {
      if (!window.confirm(line.dataset.discardSure)) return;
      await form?.stop();
      await remove("queue", item.id);
      await remove("draft", item.path);
      location.assign(location.pathname);
    });
    return button;
  }

  const counted = (what, n) => (n === 1 ? line.dataset[`${what}One`] : line.dataset[`${what}Many`].replace("%s", n));

  window.addEventListener("online", sendAll);
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "visible") sendAll();
  });

  // ---- signing out --------------------------------------------------------------------------------------------------

  const out = document.querySelector('form[action$="/sign-out"]');
  out?.addEventListener("submit", async (event) => {
    if (out.dataset.sure) return;
    event.preventDefault();
    const items = [...(await kept("queue").catch(() => [])), ...(await kept("draft").catch(() => []))];
    const titles = [...new Set(items.map((item) => item.title))].join(", ");
    if (items.length && !window.confirm(line.dataset.signingOut.replace("%s", titles))) return;
    out.dataset.sure = "yes";
    out.requestSubmit();
  });

  // ---- the page of a session ----------------------------------------------------------------------------------------

  const element = document.querySelector("form[data-coord-run]");
  if (element) form = await recording(element);
  await sendAll();

  async function recording(element) {
    const path = new URL(element.action).pathname;
    const status = document.querySelector("[data-coord-run-status]");
    const title = document.querySelector("h1 .nhsuk-caption-l")?.innerText.replace(/[\s:]*$/, "") ?? "";
    let over = false; // Coord has it: nothing more is kept
    let waits = ""; // the id of what this page says is not yet sent
    let saving = null;
    let dirty = false;

    const fields = () => [...new FormData(element)].filter(([name]) => name !== "csrf_token").map(([n, v]) => [n, String(v)]);
    const snapshot = () => ({ id: element.elements.recording_id.value, path, title, fields: fields(), at: Date.now() });

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
    const ahead = Date.now() - Number(element.dataset.now);
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
        const became = await alone(() => send(item));
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
    if (element.dataset.again === "yes") {
      keep(); // the page has come back with problems: it is the latest
      const refused = (await kept("queue")).find(mine);
      if (refused) say("look", discardButton(refused));
      return { heard, settle, stop };
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
    return { heard, settle, stop };
  }
}
