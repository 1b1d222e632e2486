/* Whoever leaves a page with words in a form that nobody has sent is asked first. It is the rule: every form with a field to write in,
   on every page of who is signed in, so that no form has to remember it. Not asked for are forms that keep their words by themselves. */
(() => {
  "use strict";

  const KEPT = "[data-autosave], [data-coord-run], [data-kept]";
  const CHOSEN = ["hidden", "checkbox", "radio", "submit", "button", "password"];
  const writes = (field) => field.localName === "textarea" || (field.localName === "input" && !CHOSEN.includes(field.type));

  for (const form of document.querySelectorAll('form[method="post"]')) {
    if (!form.matches(KEPT) && [...form.elements].some(writes)) warn(form);
  }

  function warn(form) {
    const words = () => new URLSearchParams(new FormData(form)).toString();
    const before = form.querySelector(".nhsuk-error-message") ? null : words(); // sent back, they are kept nowhere
    let sent = false;
    form.addEventListener("submit", () => { sent = true; });
    window.addEventListener("pageshow", () => { sent = false; });
    window.addEventListener("beforeunload", (event) => {
      if (!sent && words() !== before) event.preventDefault();
    });
  }
})();
