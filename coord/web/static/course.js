/* The form of a course: the policy of the kind that is chosen stands below the choice. Without this file all of them can be read on the page. */
(() => {
  "use strict";

  const place = document.querySelector("[data-chosen-policy]");
  if (!place) return;
  const show = () => {
    const chosen = document.querySelector('input[name="kind"]:checked');
    const policy = chosen && document.querySelector(`[data-policy-of="${CSS.escape(chosen.value)}"]`);
    if (!policy) return;
    place.replaceChildren(...[...policy.cloneNode(true).childNodes]);
    place.hidden = false;
  };
  document.addEventListener("change", (event) => {
    if (event.target.name === "kind") show();
  });
  show();
})();
