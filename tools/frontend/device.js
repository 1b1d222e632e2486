// What waits on this device to be sent, and the one line of every page that says so. It is sent as soon as Coord can be
// reached: on opening any page, when the connection is back, and every few seconds. It is removed when Coord has it, and
// after thirty days, with a warning in the last week. Without this file, storage or a secure connection, forms work by
// their buttons alone. A page with such forms has keeping.js or recordings.js, which find all of this in `coordDevice`.

import { FORGOTTEN, alone, kept, put, remove, send, tidied } from "./device/queue.js";
import { hashed } from "./device/seal.js";
import { asOf, keys, lives, possible } from "./device/session.js";
import { destroy } from "./device/store.js";
import { watched } from "./device/worker.js";

const AGAIN = 15000; // milliseconds between two attempts while something waits
const WARNED = 7 * 24 * 3600 * 1000; // before what was never sent is removed
const OPENED = "coord-opened"; // in this tab: what was opened again as a form that is sent, by a name that tells nothing

const line = document.querySelector("[data-coord-unsent]");
const forms = []; // of this page: each knows which items are its own, and is told what became of them
let timer = 0, sentAt = "", going = false; // the latter: to where a form of this page has led

const language = document.documentElement.lang === "en" ? "en-GB" : document.documentElement.lang;
export const clock = (at) => new Date(at).toLocaleTimeString(language, { timeStyle: "short" });
const owner = (item) => forms.find((form) => form.mine(item));

/* Everything that waits, oldest first; what was refused waits for its author. Of what Coord fails at, nothing goes to the
   same place before it; the rest is not held up. */
const sendAll = () =>
  alone(async () => {
    let signedOut = false;
    const failed = new Set();
    for (const item of await kept("queue")) {
      if (item.look || failed.has(item.path)) continue;
      const form = owner(item);
      const became = await send(item, Boolean(form));
      signedOut ||= became.state === "signed-out";
      if (became.state === "recorded") sentAt = clock(Date.now());
      going ||= became.state === "recorded" && form && !form.keepsOn;
      form?.heard(item, became);
      if (became.state === "fault") failed.add(item.path);
      if (became.state === "waiting" || signedOut) break;
    }
    await tell(signedOut);
  });

async function tell(signedOut = false) {
  const [queue, drafts] = [await kept("queue"), await kept("draft")];
  for (const form of forms) form.settle?.(queue);
  const look = queue.filter((item) => item.look);
  const waits = queue.length - look.length;
  clearTimeout(timer);
  if (waits) timer = setTimeout(sendAll, AGAIN);
  if (!line) return;
  const parts = asOf ? [[line.dataset.asOf.replace("%s", clock(asOf))]] : [];
  if (waits) parts.push([line.dataset.waits.replace("%s", waits) + (signedOut ? ` ${line.dataset.signedOut}` : "")]);
  else if (sentAt) parts.push([line.dataset.sent.replace("%s", sentAt)]);
  const oldest = Math.min(...queue.map((item) => item.at));
  if (oldest < Date.now() - FORGOTTEN + WARNED) {
    const day = new Date(oldest + FORGOTTEN).toLocaleDateString(language, { dateStyle: "long" });
    parts.push([line.dataset.expires.replace("%s", day)]);
  }
  for (const item of look) if (!owner(item)) parts.push([line.dataset.look.replace("%s", item.title), item]);
  for (const draft of drafts) {
    if (draft.safe || queue.some((item) => item.path === draft.path) || owner(draft)) continue;
    parts.push([line.dataset.begun.replace("%s", draft.title), draft]);
  }
  const text = parts.map(([words]) => words).join(" ");
  if (line.dataset.said === text) return; // said once, not at each attempt
  line.dataset.said = text;
  line.replaceChildren(
    ...parts.map(([words, item]) => {
      const p = document.createElement("p");
      p.className = "nhsuk-u-margin-bottom-0";
      p.append(words);
      if (item) p.append(" ", openLink(item), " ", discardButton(item));
      return p;
    }),
  );
}

/* Leads to the form again: to its page, where it finds its words; or, if it has none of its own, by sending it as a
   person would: it comes back with every word and with what is wrong, or is done. */
function openLink(item) {
  const a = document.createElement("a");
  a.href = item.page ?? item.path;
  a.textContent = line.dataset.open;
  const more = item.look ? item.posts && [] : item.begun;
  if (!more) return a;
  a.addEventListener("click", async (event) => {
    event.preventDefault();
    if (item.look) sessionStorage.setItem(OPENED, await hashed(item.id));
    const form = document.createElement("form");
    Object.assign(form, { method: "post", action: item.path, hidden: true });
    const token = document.querySelector('meta[name="csrf-token"]').content;
    for (const [name, value] of [...item.fields, ...more, ["csrf_token", token]]) {
      const field = document.createElement("textarea"); // an input would take the line ends away
      Object.assign(field, { name, value });
      form.append(field);
    }
    document.body.append(form);
    form.submit();
  });
  return a;
}

/* Takes off the device what will never be sent. */
function discardButton(item, look = "nhsuk-button nhsuk-button--secondary nhsuk-button--small") {
  const button = document.createElement("button");
  button.type = "button";
  button.className = look;
  button.textContent = line.dataset.discard;
  button.addEventListener("click", async () => {
    if (!window.confirm(line.dataset.discardSure)) return;
    const form = owner(item);
    await form?.stop(item);
    await remove("queue", item.id);
    if (!form?.keepsOn) await remove("draft", item.path);
    if (form && !form.keepsOn) location.assign(item.page ?? item.path);
    else await tell();
  });
  return button;
}

/* A form that was opened again is on its page, which takes its words over; or it was done, and need only be heard of. */
async function reopened() {
  const opened = sessionStorage.getItem(OPENED);
  sessionStorage.removeItem(OPENED);
  for (const item of opened ? await kept("queue") : []) {
    if ((await hashed(item.id)) !== opened) continue;
    if (document.querySelector('[data-coord-again="yes"]')) await remove("queue", item.id);
    else await put("queue", { ...item, look: false });
  }
}

/* Where a form that was sent arrives, Coord has it: whichever way it got there. */
async function recorded() {
  for (const { dataset } of document.querySelectorAll("[data-coord-recorded]")) {
    await remove("queue", dataset.coordRecorded);
    for (const draft of await kept("draft")) if (draft.id === dataset.coordRecorded) await remove("draft", draft.path);
  }
}

// What Coord has a draft of is kept for a page that is loaded anew without a connection, and for none after that.
async function forgetSafe() {
  for (const draft of await kept("draft")) if (draft.safe && draft.page !== location.pathname) await remove("draft", draft.path);
}

/* A page that is shown without a connection gives way to the page itself as soon as that can be had. */
async function whole() {
  if (!asOf || going) return;
  try {
    await fetch("/healthz", { cache: "no-store" });
  } catch {
    return;
  }
  await Promise.all(forms.map((form) => form.atRest?.()));
  location.reload();
}

const out = document.querySelector('form[action$="/sign-out"]');
out?.addEventListener("submit", async (event) => {
  if (out.dataset.sure) return;
  event.preventDefault();
  const items = [...(await kept("queue").catch(() => [])), ...(await kept("draft").catch(() => []))];
  const titles = [...new Set(items.filter((item) => !item.safe).map((item) => item.title))].join(", ");
  if (titles && !window.confirm(line.dataset.signingOut.replace("%s", titles))) return;
  await destroy().catch((error) => console.warn(error));
  out.dataset.sure = "yes";
  out.requestSubmit();
});

async function begin() {
  if (!possible()) return null;
  watched();
  await keys();
  await tidied();
  if (!asOf) for (const step of [recorded, reopened, forgetSafe]) await step();
  const again = async () => {
    await sendAll();
    await whole();
  };
  window.addEventListener("online", again);
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "visible") again();
  });
  return { alone, asOf, clock, discardButton, forms, kept, keys, line, lives, openLink, put, remove, send, sendAll, tell };
}

globalThis.coordDevice = begin().catch((error) => {
  console.warn(error);
  return null;
});
globalThis.addEventListener("load", async () => {
  const device = await globalThis.coordDevice;
  if (device && !document.querySelector("[data-coord-keep], [data-coord-run]")) await sendAll(); // those do it when they are ready
});
