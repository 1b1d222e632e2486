// The key of the person who is signed in, and for how long it is here. The server makes it from its own secret, and gives
// it to a live sign-in only. It is kept as a key that cannot be exported, so that a page can be loaded anew without a
// connection; and it is destroyed when the person signs out (in whichever tab), when the sign-in ends by this page's own
// clock, and before anybody else gets a page (device/store.js, entrance.js).

import { get, set } from "idb-keyval";
import { hashed, imported } from "./seal.js";
import { KEY, LANGUAGE, OVER, destroy, live, tabs } from "./store.js";

const meta = document.querySelector('meta[name="coord-person"]');
export const person = meta?.content;
/* When this page was made, if it is shown without a connection (worker.js). */
export const asOf = Number(document.documentElement.dataset.coordAsOf) || 0;

const [idle, rest] = (document.querySelector('meta[name="coord-session"]')?.content ?? "0 0").split(" ").map((n) => n * 1000);
const begun = Date.now();
const heard = begun + Math.min(idle, rest); // until when the sign-in lives, by what the server said with this page
const ASKED_AGAIN = 10000; // milliseconds after which the server is asked once more for what it did not give
let held = null; // keys, and until when
let spent = null; // of a sign-in that is over, the half that seals
let timer = 0, asked = 0; // and when the server was last asked

export const possible = () => Boolean(person && globalThis.indexedDB && globalThis.crypto?.subtle);

/* The person's keys, the first one of which seals; none if nobody's sign-in is known to live. */
export async function keys() {
  if (held && held.until <= Date.now()) await expire();
  if (!held && (asOf ? !asked : Date.now() > asked + ASKED_AGAIN)) await take();
  return held?.keys ?? [];
}

/* The key, or of a sign-in that is over by this page's clock its half that seals: a page that is open goes on keeping
   what is typed in it, and nothing that is kept can be opened any more. */
export async function sealing() {
  const [key] = await keys();
  return key ?? spent;
}

async function taken() {
  const who = await hashed(`person ${person}`);
  let record = await get(KEY, live);
  if (record && (record.who !== who || record.until <= Date.now())) {
    if (record.until > Date.now() && asked) return; // this page is older than their sign-in
    await destroy();
    record = null;
  }
  asked ||= 1;
  if (asOf) {
    held = record ?? null;
  } else {
    const given = record?.keys ?? (await fromServer());
    if (!given) return;
    spent = null;
    held = { who, keys: given, until: record ? Math.max(record.until, heard) : limit() };
    await set(KEY, held, live);
    await set(LANGUAGE, document.documentElement.lang, live);
  }
  watch();
}

async function fromServer() {
  asked = Date.now();
  const answer = await fetch("/account/device-key", { redirect: "manual", headers: { "Coord-Device": "here" } });
  if (!answer.ok) return null;
  const { person: whose, seals } = await answer.json();
  return whose === person ? Promise.all(seals.map(imported)) : null;
}

const limit = () => Math.min(Date.now() + idle, begun + rest);

/* The server has answered: the sign-in lives on. */
export async function lives() {
  if (!held || asOf) return;
  held.until = limit();
  await set(KEY, held, live);
  watch();
}

function watch() {
  clearTimeout(timer);
  if (held) timer = setTimeout(expire, Math.max(0, held.until - Date.now()) + 1);
}

async function expire() {
  const record = await get(KEY, live);
  if (held && record?.who === held.who && record.until > Date.now()) {
    held = record; // another tab has heard of the server since
    watch();
    return;
  }
  end();
  await destroy(OVER);
}

/* Nothing is opened any more; what is typed in this page is sealed all the same. */
function end() {
  spent = held ? { seals: held.keys[0].seals, tag: held.keys[0].tag } : spent;
  held = null;
  clearTimeout(timer);
}

if (tabs) {
  tabs.onmessage = ({ data }) => {
    end();
    if (data !== OVER) spent = null;
  };
}
document.addEventListener("visibilitychange", () => {
  if (held && held.until <= Date.now()) expire();
});

let taking = null;

/* Once at a time. */
function take() {
  taking ??= taken()
    .catch((error) => console.warn(error))
    .finally(() => { taking = null; });
  return taking;
}
