// What a form has to keep on this device (a "draft": it is being written), and what waits to be sent (the "queue"). Both
// are sealed. Everything is sent once and in its order, by one tab at a time: the ids in the forms make sure that what
// arrives twice is recorded once. What Coord does not take as it is waits for its author.

import { del, entries, get, set } from "idb-keyval";
import { keys, lives, person, sealing } from "./session.js";
import { hashed, opened, sealed } from "./seal.js";
import { dropIfOf, waiting } from "./store.js";

const DAY = 24 * 3600 * 1000;
export const FORGOTTEN = 30 * DAY; // what was never sent does not stay on a device for ever
const LOCK = "coord-recordings"; // one tab sends at a time; the server would take the second for a repetition anyway

const meta = (name) => document.querySelector(`meta[name="${name}"]`);
const idOf = (kind, value) => (kind === "draft" ? value.path : value.id);
export const nameOf = async ({ tag }, kind, id) => `${tag}:${kind}:${await hashed(`${tag} ${kind} ${id}`)}`;

/* Keeps a draft or an item of the queue. Fails where nothing can be sealed, or there is no room. */
export async function put(kind, value) {
  const key = await sealing();
  if (!key) throw new Error("nobody's sign-in is known to live");
  await set(await nameOf(key, kind, idOf(kind, value)), { at: value.at, ...(await sealed(key, value)) }, waiting);
}

/* Takes it off the device; with `at`, only if it is still what it was then. */
export async function remove(kind, id, at = 0) {
  for (const key of await keys()) {
    const name = await nameOf(key, kind, id);
    await (at ? dropIfOf(name, at) : del(name, waiting));
  }
}

/* All of a kind that the person can open, oldest first. */
export async function kept(kind) {
  const found = [], own = await keys();
  for (const [name, value] of own.length ? await entries(waiting) : []) {
    const key = own.find(({ tag }) => name.startsWith(`${tag}:${kind}:`));
    const read = key && (await opened(key, value));
    if (read) found.push(read);
  }
  return found.sort((a, b) => a.at - b.at);
}

/* Whoever's it is: what is too old goes, and so does what an earlier Coord kept in the clear, once it is sealed. */
export async function tidied() {
  for (const [name, value] of await entries(waiting)) {
    const [owner, kind] = name.split(":");
    const clear = owner === person && !value.sealed;
    if (clear) await put(kind, value);
    if (clear || value.at < Date.now() - FORGOTTEN) await del(name, waiting);
  }
}

/* Sends one item; `seen` says whether its author has it before their eyes. What became of it: recorded (with its place),
   waiting (nothing can be sent), fault (this cannot, for now), signed-out, look, or gone (its author took it back). */
export async function send(item, seen) {
  if (!(await isKept(item))) return { state: "gone" };
  let answer;
  try {
    answer = await post(item, seen);
    if (answer.status === 400) {
      if (!(await renew())) return { state: "signed-out" };
      answer = await post(item, seen);
    }
  } catch {
    return { state: "waiting" };
  }
  if (answer.type === "opaqueredirect" || answer.status === 400 || answer.status === 401) return { state: "signed-out" };
  if (answer.ok) {
    try {
      const said = await answer.json();
      if (said.state === "recorded") {
        await remove("queue", item.id, item.at);
        await lives();
        return said;
      }
    } catch {
      // not Coord: a hotel's sign-in page, say
    }
    return { state: "waiting" };
  }
  if (answer.status === 500) return { state: "fault" };
  if (answer.status > 500 || answer.status === 429) return { state: "waiting" };
  if (!(await isKept(item))) return { state: "gone" };
  await put("queue", { ...item, look: true });
  return { state: "look" };
}

/* Whether it waits still, as it was: its author may take it back while another is being sent, or itself. */
async function isKept(item) {
  const own = await keys();
  for (const key of own) if ((await get(await nameOf(key, "queue", item.id), waiting))?.at === item.at) return true;
  return !own.length; // nobody's sign-in is known to live: Coord says whether that is so
}

function post(item, seen) {
  return fetch(item.path, {
    method: "POST",
    body: new URLSearchParams(item.fields),
    redirect: "manual",
    headers: {
      Accept: "application/json",
      "Coord-Device": seen ? "here" : "away",
      "X-CSRFToken": meta("csrf-token")?.content ?? "",
    },
  });
}

/* Signed in again in another tab, this page needs the new sign-in's token; but only if it is the same person's. */
export async function renew() {
  const answer = await fetch("/account", { redirect: "manual" });
  if (!answer.ok) return false;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const token = page.querySelector('meta[name="csrf-token"]')?.content;
  if (!token || page.querySelector('meta[name="coord-person"]')?.content !== person) return false;
  meta("csrf-token").content = token;
  for (const input of document.querySelectorAll('input[name="csrf_token"]')) input.value = token;
  return true;
}

export const alone = (task) => (navigator.locks ? navigator.locks.request(LOCK, task) : task());
