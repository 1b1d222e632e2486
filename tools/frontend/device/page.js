// Keeps the page one is on, of each kind of form the last, so that it can be loaded anew without a connection (worker.js):
// as it came, without the token that a form needs to be taken, and sealed. Import it first: nothing has changed the page yet.

import { set } from "idb-keyval";
import { sealed } from "./seal.js";
import { PAGE, live } from "./store.js";

const asItCame = document.documentElement.dataset.coordAsOf ? null : copy();
const at = Date.now();
const first = location.pathname + location.search;
let last = ""; // the address that it was kept under

function copy() {
  const page = document.documentElement.cloneNode(true);
  for (const token of page.querySelectorAll('meta[name="csrf-token"]')) token.setAttribute("content", "");
  for (const token of page.querySelectorAll('input[name="csrf_token"]')) token.setAttribute("value", "");
  return `<!DOCTYPE html>\n${page.outerHTML}`;
}

/* What device.js gives; null where nothing can be kept. */
export const device = new Promise((done) => {
  document.addEventListener("DOMContentLoaded", () => done(globalThis.coordDevice ?? null));
});

/* Under its address; and under another one too, if the page has given itself that. */
export async function keepPage(kind) {
  const [key] = (await (await device)?.keys()) ?? [];
  if (!key || !asItCame) return;
  const here = location.pathname + location.search;
  if (here === last) return;
  last = here;
  await set(PAGE + kind, await sealed(key, { addresses: [...new Set([first, here])], html: asItCame, at }), live);
}
