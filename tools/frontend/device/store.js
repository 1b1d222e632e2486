// What a browser keeps of Coord, in two places. In `waiting`, what is not sent yet: sealed, until its owner signs in again.
// In `live`, the key that opens it and the pages to be read offline: for as long as a sign-in lives, and no longer.

import { clear, createStore, get, promisifyRequest, set } from "idb-keyval";

export const waiting = createStore("coord-recordings", "kept"); // as it was called while it held recordings alone
export const live = createStore("coord-device", "live");
export const KEY = "key", LANGUAGE = "language", PAGE = "page:"; // names in `live`
const CHANNEL = "coord-device";

/* Tells the other tabs, and is told by them, that key and pages are gone; OVER: because the sign-in has come to its end. */
export const OVER = "over";
export const tabs = "BroadcastChannel" in globalThis ? new BroadcastChannel(CHANNEL) : null;

/* Key and pages are gone, here and for every other tab. What waits stays, and nobody here can open it. */
export async function destroy(why = "gone") {
  const language = await get(LANGUAGE, live);
  await clear(live);
  if (language) await set(LANGUAGE, language, live);
  tabs?.postMessage(why);
}

/* Takes a value away, if it is still the one that was read at that time: it may have been written anew meanwhile. */
export const dropIfOf = (name, at) =>
  waiting("readwrite", (store) => {
    const asked = store.get(name);
    asked.onsuccess = () => {
      if (asked.result?.at === at) store.delete(name);
    };
    return promisifyRequest(store.transaction);
  });
