// Starts the components that need JavaScript, and the little that is ours. Every page works without any of it.

import { Button } from "nhsuk-frontend/dist/nhsuk/components/button/button.mjs";
import { Checkboxes } from "nhsuk-frontend/dist/nhsuk/components/checkboxes/checkboxes.mjs";
import { ErrorSummary } from "nhsuk-frontend/dist/nhsuk/components/error-summary/error-summary.mjs";
import { NotificationBanner } from "nhsuk-frontend/dist/nhsuk/components/notification-banner/notification-banner.mjs";
import { PasswordInput } from "nhsuk-frontend/dist/nhsuk/components/password-input/password-input.mjs";
import { Radios } from "nhsuk-frontend/dist/nhsuk/components/radios/radios.mjs";
import { SkipLink } from "nhsuk-frontend/dist/nhsuk/components/skip-link/skip-link.mjs";
import "./keys.js";

// ARIA knows no aria-expanded on a radio. What it reveals comes next in the reading order, so nothing is lost.
class PlainRadios extends Radios {
  syncConditionalRevealWithInputState(input) {
    super.syncConditionalRevealWithInputState(input);
    input.removeAttribute("aria-expanded");
  }
}

const COMPONENTS = [
  Button,
  Checkboxes,
  ErrorSummary,
  NotificationBanner,
  PasswordInput,
  PlainRadios,
  SkipLink,
];

function start(root) {
  for (const Component of COMPONENTS) {
    const selector = `[data-module="${Component.moduleName}"]:not([data-${Component.moduleName}-init])`;
    const found = [...root.querySelectorAll(selector)];
    if (root.matches?.(selector)) found.unshift(root);
    for (const element of found) {
      try {
        new Component(element);
      } catch (error) {
        console.warn(error); // one component that cannot start must not stop the others
      }
    }
  }
}

// A table whose rows are boxes on a phone is no table to some browsers (Safari's) unless it says so. In the page itself the
// roles would be no valid HTML: there a cell is a cell.
const ROLES = { TABLE: "table", THEAD: "rowgroup", TBODY: "rowgroup", TR: "row", TD: "cell" };

function nameTables(root) {
  for (const table of root.querySelectorAll(".nhsuk-table--responsive")) {
    for (const part of [table, ...table.querySelectorAll("thead, tbody, tr, th, td")]) {
      part.setAttribute("role", ROLES[part.tagName] ?? (part.scope === "row" ? "rowheader" : "columnheader"));
    }
  }
}

document.body.classList.add("js-enabled", "nhsuk-frontend-supported");
start(document.body);
nameTables(document);

// --- A box grows with what is written in it, where the style sheet's field-sizing is not understood ------------------

function grow(box) {
  box.style.height = "auto";
  box.style.height = `${box.scrollHeight + box.offsetHeight - box.clientHeight}px`;
}

if (!CSS.supports("field-sizing", "content")) {
  for (const box of document.querySelectorAll("textarea")) if (box.value) grow(box);
  document.addEventListener("input", (event) => {
    if (event.target.localName === "textarea") grow(event.target);
  });
}

// --- htmx: the CSRF token, the components in what was swapped in, and one calm line when the server is out of reach ---

document.body.addEventListener("htmx:configRequest", (event) => {
  const token = document.querySelector('meta[name="csrf-token"]');
  if (token && event.detail.verb !== "get") event.detail.headers["X-CSRFToken"] = token.content;
});

document.body.addEventListener("htmx:load", (event) => {
  start(event.detail.elt);
  nameTables(document);
});

const connection = document.querySelector("[data-coord-connection]");

function say(text) {
  if (connection && connection.textContent !== text) connection.textContent = text;
}

for (const trouble of ["htmx:sendError", "htmx:timeout"]) {
  document.body.addEventListener(trouble, () => say(connection?.dataset.unreachable ?? ""));
}
document.body.addEventListener("htmx:afterOnLoad", (event) => {
  const { status } = event.detail.xhr;
  if (status < 400) say("");
  if (status >= 500) say(connection?.dataset.unreachable ?? "");
  if (status === 400) say(connection?.dataset.signedOut ?? ""); // the page's token is of a sign-in that has ended
});
