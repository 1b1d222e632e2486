// Keys: "/" finds, "n" begins a note about the child in sight, "?" tells. A key of one letter can be put out of use
// (WCAG 2.1.4), and none of them works while one types.

const OFF = "coord-keys-off"; // of this browser; nothing about anybody
const tells = document.querySelector("[data-coord-keys]");
const wanted = () => localStorage.getItem(OFF) === null;

const ACTS = {
  "/": () => {
    const { find } = tells.dataset;
    if (find && location.pathname !== find) location.assign(find);
    else document.querySelector("#q")?.focus();
  },
  n: () => document.querySelector(".coord-write")?.click(),
  "?": () => tells.showModal(),
};

function typing(element) {
  return element.closest("input, textarea, select, [contenteditable], dialog[open]") !== null;
}

if (tells) {
  const use = tells.querySelector("input");
  use.checked = wanted();
  tells.querySelector("button").addEventListener("click", () => tells.close());
  use.addEventListener("change", () => (use.checked ? localStorage.removeItem(OFF) : localStorage.setItem(OFF, "yes")));
  for (const opens of document.querySelectorAll("[data-coord-keys-open]")) {
    opens.hidden = false;
    opens.addEventListener("click", () => tells.showModal());
  }
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.repeat || typing(event.target) || !wanted()) return;
    const act = Object.hasOwn(ACTS, event.key) && ACTS[event.key];
    if (!act) return;
    event.preventDefault();
    act();
  });
}
