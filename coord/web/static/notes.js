/* Writing a note, an addendum or a correction: keeps the draft while it is written, and says who will see it.
   Without this file the page works by its buttons alone. Words are never put into the browser's storage here; what waits
   there while Coord cannot be reached is sealed (tools/frontend/keeping.js, which is told what became of the words). */
(() => {
  "use strict";

  const PAUSE = 1200, LONGEST = 5000, MOST_IN_A_BEACON = 60000, RETRY = [4000, 8000, 15000, 30000];

  for (const form of document.querySelectorAll("form")) sayWhoSees(form);
  const form = document.querySelector("form[data-autosave]");
  if (form) keepDraft(form);
  const note = document.querySelector("form[data-note-form]");
  if (note) besideTheNote(note);

  /* What is beside a note: a drawer on a phone; its words are taken over, its levels and the lines say what was chosen. */
  function besideTheNote(note) {
    const field = (name) => note.elements.namedItem(name);
    const sign = note.querySelector('button[value="sign"]'), keys = note.querySelector("[data-keys]");

    const drawer = note.querySelector("[data-beside]");
    const said = drawer && [...drawer.querySelectorAll("[data-rated]")].some((one) => one.textContent.trim());
    if (drawer && !said && !drawer.querySelector(".nhsuk-error-message")) drawer.open = matchMedia("(min-width: 62em)").matches;

    note.addEventListener("click", (event) => {
      const take = event.target.closest("[data-take]");
      if (!take) return;
      event.preventDefault();
      const text = document.getElementById(take.dataset.take).textContent.trim();
      const box = document.getElementById(take.dataset.into), there = box.value.trimEnd();
      if (!there.includes(text)) box.value = there ? `${there}\n\n${text}` : text;
      box.focus();
      box.setSelectionRange(box.value.length, box.value.length);
      box.dispatchEvent(new Event("input", { bubbles: true }));
    });

    const line = note.querySelector("[data-when-line]"), first = line.textContent;
    const circumstances = () => {
      const [day, from, lastDay, to] = ["from-day", "from-time", "to-day", "to-time"].map((name) => field(name).value.trim());
      const until = to && `–${lastDay && lastDay !== day ? `${lastDay}, ` : ""}${to}`;
      const place = field("setting").selectedOptions[0]?.textContent.trim();
      const people = field("present").value.split("\n").map((one) => one.trim());
      return [day, from + until, place, ...people].filter(Boolean).join(", ");
    };
    const before = circumstances();
    note.addEventListener("input", () => {
      const now = circumstances();
      line.textContent = now === before ? first : now;
    });

    note.addEventListener("change", (event) => {
      const goal = event.target.type === "radio" && event.target.closest(".coord-rating");
      if (!goal) return;
      goal.querySelector("[data-rated]").textContent = event.target.value && event.target.labels[0].textContent.trim();
    });

    /* F2 goes on to what is to fill in next: from a box to the first goal, from goal to goal, and back to the box. */
    let box = note.querySelector("textarea");
    note.addEventListener("focusin", ({ target }) => { if (target.localName === "textarea") box = target; });
    note.addEventListener("keydown", (event) => {
      const goals = [...note.querySelectorAll(".coord-rating")];
      if (event.key !== "F2" || event.ctrlKey || event.altKey || event.metaKey || event.shiftKey || !goals.length) return;
      event.preventDefault();
      const goal = goals[goals.indexOf(event.target.closest(".coord-rating")) + 1];
      if (goal) drawer.open = goal.open = true;
      (goal ? goal.querySelector("input:checked") ?? goal.querySelector("input:not([type=hidden]), select") : box).focus();
    });

    if (!sign) return;
    if (keys) keys.hidden = !matchMedia("(pointer: fine)").matches;
    note.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey) || event.isComposing) return;
      event.preventDefault();
      note.requestSubmit(sign);
    });
  }

  function sayWhoSees(form) {
    const statement = form.querySelector("[data-audience-statement]");
    if (!statement) return;
    const say = () => {
      const chosen = form.querySelector('input[name="audience"]:checked');
      const hint = chosen && document.getElementById(chosen.getAttribute("aria-describedby"));
      statement.textContent = hint ? hint.textContent.trim() : "";
      statement.hidden = !hint;
    };
    form.addEventListener("change", say);
    say();
  }

  function keepDraft(form) {
    const status = document.getElementById("autosave");
    const field = (name) => form.elements.namedItem(name);
    const words = () => {
      const data = new FormData(form);
      for (const name of ["csrf_token", "revision", "tab", "turn"]) data.delete(name);
      return new URLSearchParams(data).toString();
    };
    let kept = form.dataset.unsaved === "yes" ? null : words();
    let over = form.dataset.stale === "yes"; // somebody else's words stand in the draft: hands off
    let running = null, timer = 0, oldest = 0, failures = 0, leaving = false, wanted = null;
    let waits = false; // on the device, to be signed when Coord can be reached

    const unsaved = () => words() !== kept;

    function tell(state, message) {
      status.dataset.state = state;
      if (status.textContent !== message) status.textContent = message;
    }

    function later(wait) {
      clearTimeout(timer);
      timer = setTimeout(() => { if (!waits) save(); }, wait);
    }

    function typed() {
      waits = false;
      if (over || !unsaved()) return;
      const now = Date.now();
      oldest ||= now;
      later(Math.max(0, Math.min(PAUSE, oldest + LONGEST - now)));
    }

    /* One at a time; the answer is what became of the words: saved, stale, signed, refused, unreachable, signed-out or other-person. */
    function save() {
      clearTimeout(timer);
      if (over) return Promise.resolve("stale");
      running ??= send(false)
        .then((state) => {
          form.dispatchEvent(new CustomEvent("coord:autosaved", { detail: { state, all: !unsaved() } }));
          return state;
        })
        .finally(() => { running = null; });
      return running;
    }

    async function send(closing) {
      const sent = words();
      oldest = 0;
      field("turn").value = Number(field("turn").value) + 1;
      let answer;
      try {
        answer = await post(closing);
        if (answer.status === 400) {
          const became = await renew();
          if (became === "signed-out") return failed(became, form.dataset.signedOut);
          if (became === "other-person") return failed(became, form.dataset.otherPerson);
          if (became === "renewed") answer = await post(closing);
        }
      } catch {
        return failed("unreachable", form.dataset.unreachable);
      }
      if (answer.type === "opaqueredirect") return failed("signed-out", form.dataset.signedOut);
      let said;
      try {
        said = await answer.json();
      } catch {
        return failed("unreachable", form.dataset.unreachable);
      }
      if (said.state === "saved") {
        kept = sent;
        failures = 0;
        field("revision").value = said.revision;
        for (const button of form.querySelectorAll("[data-when-kept]")) button.hidden = !said.revision;
        tell("saved", said.message);
        const place = said.revision ? form.dataset.place : form.dataset.fresh; // an emptied draft is none, and has no address
        if (place && location.pathname !== place) history.replaceState(null, "", place);
        for (const next of document.querySelectorAll('.coord-language input[name="next"]')) if (place) next.value = place;
        if (unsaved() && !closing) typed();
        return "saved";
      }
      tell("failed", said.message);
      if (said.state === "stale" || said.state === "signed") {
        over = true;
        for (const button of form.querySelectorAll("[data-when-stale]")) button.hidden = false;
        return said.state;
      }
      if (answer.status >= 500) return failed("unreachable", said.message);
      return "refused";
    }

    function post(closing) {
      const body = new URLSearchParams(new FormData(form)).toString();
      return fetch(form.dataset.autosave, {
        method: "POST",
        body,
        redirect: "manual",
        keepalive: closing && body.length < MOST_IN_A_BEACON,
        headers: {
          "Content-Type": "application/x-www-form-urlencoded",
          "X-CSRFToken": document.querySelector('meta[name="csrf-token"]').content,
        },
      });
    }

    /* Signed in again in another tab, the page needs the new sign-in's token; while nobody is, or somebody else, it can only wait. */
    async function renew() {
      if (!form.dataset.renew) return "";
      const answer = await fetch(form.dataset.renew, { redirect: "manual" });
      if (answer.type === "opaqueredirect") return "signed-out";
      if (!answer.ok) return "";
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const token = page.querySelector('meta[name="csrf-token"]')?.content;
      if (!token) return "";
      const whose = (of) => of.querySelector('meta[name="coord-account"]')?.content;
      if (whose(page) !== whose(document)) return "other-person";
      document.querySelector('meta[name="csrf-token"]').content = token;
      for (const input of document.querySelectorAll('input[name="csrf_token"]')) input.value = token;
      return "renewed";
    }

    /* Whether Coord is there, for a form whose words it has. */
    async function reached() {
      const place = document.querySelector("[data-coord-connection]")?.dataset.reach;
      try {
        if (place) await fetch(place, { cache: "no-store" });
        return "saved";
      } catch {
        tell("failed", form.dataset.unreachable);
        return "unreachable";
      }
    }

    function failed(state, message) {
      tell("failed", message);
      later(RETRY[Math.min(failures++, RETRY.length - 1)]);
      return state;
    }

    form.addEventListener("input", typed);
    form.addEventListener("change", typed);
    form.addEventListener("coord:queued", () => {
      waits = true;
      clearTimeout(timer);
    });
    form.addEventListener("coord:sent", () => { over = leaving = true; });
    window.addEventListener("online", () => { if (!over && !waits && unsaved()) save(); });
    document.addEventListener("visibilitychange", () => {
      if (!over && !waits && unsaved() && !leaving) document.visibilityState === "hidden" ? send(true) : later(0);
    });
    window.addEventListener("pagehide", () => { if (!over && unsaved() && !leaving) send(true); });
    window.addEventListener("beforeunload", (event) => {
      if (leaving || (!unsaved() && !running)) return;
      if (!over) send(true);
      event.preventDefault();
    });

    /* A form is sent only once its words are safe: a browser's own error page would have thrown them away. */
    form.addEventListener("submit", async (event) => {
      if (leaving) return;
      const action = event.submitter?.value;
      if (over || (!unsaved() && !running && !form.dataset.coordKeep)) {
        leaving = true;
        return;
      }
      event.preventDefault();
      if (wanted) return;
      wanted = event.submitter;
      waits = false;
      if (running) await running; // its failure is no reason to stay: try once more
      const became = unsaved() ? await save() : await reached();
      wanted = null;
      if (became === "unreachable") {
        const pressed = event.submitter;
        if (!form.dispatchEvent(new CustomEvent("coord:unreachable", { cancelable: true, detail: { pressed } }))) return;
      }
      if (["unreachable", "signed-out", "other-person"].includes(became)) {
        status.scrollIntoView({ block: "center" });
        return;
      }
      leaving = true;
      if (action && event.submitter) form.requestSubmit(event.submitter); else form.requestSubmit();
    });
    window.addEventListener("pageshow", () => { leaving = false; });
    if (unsaved() && !over) later(0);
  }
})();
