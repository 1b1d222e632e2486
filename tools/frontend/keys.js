// Keys: "/" finds, "n" begins a note about the child in sight (in a list: goes to the next), "?" tells. A key of one letter can be put out of use
// (WCAG 2.1.4), and none of them works while one types.

const OFF = "coord-keys-off"; // of this browser; nothing about anybody
const tells = document.querySelector("[data-coord-keys]");
const wanted = () => localStorage.getItem(OFF) === null;

/* In a list of children: the link that begins a note about the one after whom one is, round and round. */
function nextChild() {
  const links = [...document.querySelectorAll(".coord-list__do")];
  return links[(links.indexOf(document.activeElement) + 1) % links.length];
}

const ACTS = {
  "/": () => {
    const { find } = tells.dataset;
    if (find && location.pathname !== find) location.assign(find);
    else document.querySelector("#q")?.focus();
  },
  n: () => {
    const write = document.querySelector(".coord-write");
    if (write) write.click();
    else nextChild()?.focus();
  },
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
