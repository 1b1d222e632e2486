// Lighthouse's scores of the demonstration's main pages, as a phone would load them: five loads each, and their median.
//
//   make run                                   (in another terminal, with the demonstration)
//   npm install --no-package-lock --ignore-scripts && npm run measure [-- http://127.0.0.1:8000]
//
// CHROME_PATH is the browser (/usr/bin/chromium). A busy machine makes the figure of performance worse, and no other.

import * as chromeLauncher from "chrome-launcher";
import lighthouse from "lighthouse";

const BASE = process.argv[2] ?? "http://127.0.0.1:8000";
const PASSWORD = "paper-boats-on-the-lake"; // of everybody in the demonstration
const LOADS = 5;
const SCORES = ["performance", "accessibility", "best-practices"];

const token = (page) => page.match(/name="csrf_token"[^>]*value="([^"]+)"/)[1];
const cookies = (answer) => answer.headers.getSetCookie().map((one) => one.split(";")[0]).join("; ");

/* The cookie of somebody who signed in. */
async function signedIn(email) {
  const form = await fetch(`${BASE}/sign-in`), before = cookies(form);
  const body = new URLSearchParams({ csrf_token: token(await form.text()), email, password: PASSWORD });
  const answer = await fetch(`${BASE}/sign-in`, { method: "POST", body, redirect: "manual", headers: { Cookie: before } });
  if (answer.status !== 303) throw new Error(`${email} could not sign in: ${answer.status}`);
  return cookies(answer);
}

const median = (numbers) => [...numbers].sort((a, b) => a - b)[numbers.length >> 1];

async function measured(port, path, cookie) {
  const results = [];
  for (let load = 0; load < LOADS; load++) {
    const extraHeaders = cookie ? { Cookie: cookie } : {};
    const { lhr } = await lighthouse(BASE + path, { port, extraHeaders, onlyCategories: SCORES, logLevel: "error" });
    if (lhr.runtimeError) throw new Error(`${path}: ${lhr.runtimeError.message}`);
    results.push(lhr);
  }
  const lost = SCORES.slice(1).flatMap((name) =>
    results[0].categories[name].auditRefs
      .filter(({ id, weight }) => weight && results[0].audits[id].score !== null && results[0].audits[id].score < 1)
      .map(({ id }) => id),
  );
  return { scores: SCORES.map((name) => Math.round(100 * median(results.map((r) => r.categories[name].score)))), lost };
}

const therapist = await signedIn("ida@coord.example"), teacher = await signedIn("carla@coord.example");
const home = await (await fetch(`${BASE}/`, { headers: { Cookie: therapist } })).text();
const child = home.match(/href="(\/children\/[0-9a-f-]{36})"/)[1];
const pages = [
  ["sign-in", "/sign-in", ""],
  ["first page", "/", therapist],
  ["child", child, therapist],
  ["note", `${child}/notes/new`, therapist],
  ["teacher's cards", "/", teacher],
];

const flags = [
  "--headless=new",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-background-networking",
  "--no-first-run",
  "--disable-features=WebUIOmniboxPopup,WebUIOmniboxAimPopup", // else pages of the browser's own are in the trace
];
const chrome = await chromeLauncher.launch({ chromePath: process.env.CHROME_PATH ?? "/usr/bin/chromium", chromeFlags: flags });
try {
  console.log(`${"page".padEnd(18)}${SCORES.join("  ")}`);
  for (const [name, path, cookie] of pages) {
    const { scores, lost } = await measured(chrome.port, path, cookie);
    console.log(name.padEnd(18) + scores.map((score, i) => String(score).padStart(SCORES[i].length)).join("  "), ...new Set(lost));
  }
} finally {
  await chrome.kill();
}
