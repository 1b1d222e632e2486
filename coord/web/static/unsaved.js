/* Words that nobody has sent are not lost by leaving, nor by sending them when Coord is out of reach.

   Whoever leaves a page with words in a form that nobody has sent is asked first. It is the rule: every form with a field to write in,
   on every page of who is signed in, so that no form has to remember it. Not asked for are forms that keep their words by themselves.

   A form is sent only once Coord can be reached: a browser's own error page would have thrown away what was written and chosen. Until
   then it waits on its page, says so, and goes by itself, unless somebody has written on meanwhile. */
(() => {
  "use strict";

  const KEPT = "[data-autosave], [data-coord-run], [data-kept]";
  const CHOSEN = ["hidden", "checkbox", "radio", "submit", "button", "password"];
  const writes = (field) => field.localName === "textarea" || (field.localName === "input" && !CHOSEN.includes(field.type));

  const RETRY = [3000, 6000, 12000, 30000], PATIENCE = 10000;
  const line = document.querySelector("[data-coord-connection]");
  const everything = (form) => new URLSearchParams(new FormData(form)).toString();

  function tell(words) {
    if (line && line.textContent !== words) line.textContent = words;
  }

  for (const form of document.querySelectorAll('main form[method="post"]')) {
    if (line?.dataset.reach && !form.matches(KEPT) && !form.hasAttribute("hx-post")) hold(form);
  }
  for (const form of document.querySelectorAll('form[method="post"]')) {
    if (!form.matches(KEPT) && [...form.elements].some(writes)) warn(form);
  }

  function hold(form) {
    let going = false, asking = false, pressed = null, written = "", timer = 0, failures = 0;

    form.addEventListener("submit", (event) => {
      if (going) {
        going = false;
        return;
      }
      event.preventDefault();
      event.stopImmediatePropagation(); // what others do when it is sent, they do when it is
      [pressed, written] = [event.submitter, everything(form)];
      go();
    });
    window.addEventListener("online", () => { if (timer) go(); });

    /* The device keeps it and sends it (tools/frontend/keeping.js), unless that turns out to be impossible. */
    function mayWait() {
      const failed = () => { tell(line.dataset.waits); timer = setTimeout(go, RETRY[0]); };
      return !form.dispatchEvent(new CustomEvent("coord:unreachable", { cancelable: true, detail: { pressed, failed } }));
    }

    async function go() {
      if (asking) return;
      clearTimeout(timer);
      asking = true;
      const there = await reached();
      asking = false;
      if (!there) {
        if (mayWait()) return;
        tell(line.dataset.waits);
        timer = setTimeout(go, RETRY[Math.min(failures++, RETRY.length - 1)]);
        return;
      }
      [timer, failures] = [0, 0];
      const same = everything(form) === written;
      tell(same ? "" : line.dataset.again);
      if (!same) return;
      going = true;
      form.requestSubmit(pressed);
    }
  }

  async function reached() {
    if (!navigator.onLine) return false;
    try {
      await fetch(line.dataset.reach, { cache: "no-store", signal: AbortSignal.timeout(PATIENCE) });
      return true;
    } catch {
      return false;
    }
  }

  function warn(form) {
    const words = () => everything(form);
    const kept = !form.querySelector(".nhsuk-error-message") && form.dataset.unsaved !== "yes"; // sent back, they are kept nowhere
    const before = kept ? words() : null;
    let sent = false;
    for (const gone of ["submit", "coord:sent"]) form.addEventListener(gone, () => { sent = true; });
    window.addEventListener("pageshow", () => { sent = false; });
    window.addEventListener("beforeunload", (event) => {
      if (!sent && words() !== before) event.preventDefault();
    });
  }
})();
