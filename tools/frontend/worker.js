// The service worker. It stands in when Coord cannot be reached, and never else: static files, which never change under
// their address, come from here; a page comes from Coord. Without an answer, the page of a form that was last open here
// is shown again, as of then, for as long as its reader's sign-in lives; any other address gets a page that says so.
//
// `COORD` stands before this file: the files, the pages that say so, the policy of pages (coord/web/device/pages.py).

import { get } from "idb-keyval";
import { opened } from "./device/seal.js";
import { KEY, LANGUAGE, OVER, PAGE, destroy, live } from "./device/store.js";

const { cache: CACHE, files, policy, kinds, languages } = self.COORD;
const PREFIX = "coord-", STATES = ["away", "signed-out", "not-ended"]; // the last: signing out did not reach Coord

self.addEventListener("install", (event) => {
  const pages = languages.flatMap((language) => STATES.map((state) => `/offline/${language}/${state}`));
  event.waitUntil(caches.open(CACHE).then((cache) => cache.addAll([...files, ...pages])).then(() => self.skipWaiting()));
});

self.addEventListener("activate", (event) => {
  const old = async () => {
    for (const name of await caches.keys()) if (name.startsWith(PREFIX) && name !== CACHE) await caches.delete(name);
  };
  event.waitUntil(old().then(() => self.clients.claim()));
});

self.addEventListener("fetch", (event) => {
  const { request } = event, { origin, pathname } = new URL(request.url);
  if (origin !== location.origin) return;
  if (request.mode === "navigate" && (request.method === "GET" || pathname === "/sign-out")) {
    event.respondWith(fetch(request).catch(() => instead(request)));
  } else if (request.method === "GET" && pathname.startsWith("/static/")) {
    event.respondWith(caches.open(CACHE).then((cache) => cache.match(request)).then((found) => found ?? fetch(request)));
  }
});

async function instead(request) {
  const record = await liveKey();
  const page = record && request.method === "GET" && (await keptPage(record, new URL(request.url)));
  if (page) return answer(page.html.replace("<html ", `<html data-coord-as-of="${page.at}" `));
  const language = (await get(LANGUAGE, live)) ?? navigator.language.slice(0, 2);
  const state = request.method === "GET" ? (record ? "away" : "signed-out") : "not-ended";
  const found = await caches.match(`/offline/${languages.includes(language) ? language : languages[0]}/${state}`);
  return found ? answer(await found.text()) : Response.error();
}

/* The key of a sign-in that lives by this device's clock; of one that does not, nothing is left. */
async function liveKey() {
  const record = await get(KEY, live);
  if (!record || record.until > Date.now()) return record;
  await destroy(OVER);
  return null;
}

async function keptPage({ keys: [key] }, { pathname, search }) {
  for (const kind of kinds) {
    const kept = await get(PAGE + kind, live);
    const page = kept && (await opened(key, kept));
    if (page?.addresses.includes(pathname + search)) return page;
  }
  return null;
}

const answer = (html) =>
  new Response(html, {
    headers: { "Content-Type": "text/html; charset=utf-8", "Cache-Control": "no-store", "Content-Security-Policy": policy },
  });
