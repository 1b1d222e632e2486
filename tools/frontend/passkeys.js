// Forms that a passkey fills in (coord/web/templates/_macros/factors.html): the server says what is to be signed, the browser
// puts it to the person, and what comes of it goes along with the form. Without this, or where the browser can have no passkey
// at this address, such a form stays hidden.

const able = (form) => window.PublicKeyCredential && navigator.credentials && location.origin === form.dataset.origin;

const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (letter) => letter.charCodeAt(0));
const text = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");

// The browsers' own functions for this (parseCreationOptionsFromJSON, toJSON) are younger than the devices of a school.
const described = (list) => list?.map((one) => ({ ...one, id: bytes(one.id) }));

function read(options) {
  const found = { ...options, challenge: bytes(options.challenge) };
  if (options.user) found.user = { ...options.user, id: bytes(options.user.id) };
  if (options.excludeCredentials) found.excludeCredentials = described(options.excludeCredentials);
  if (options.allowCredentials) found.allowCredentials = described(options.allowCredentials);
  return found;
}

function written(credential) {
  const { response } = credential;
  const told = { clientDataJSON: text(response.clientDataJSON) };
  for (const name of ["attestationObject", "authenticatorData", "signature", "userHandle"]) {
    if (response[name]) told[name] = text(response[name]);
  }
  if (response.getTransports) told.transports = response.getTransports();
  return JSON.stringify({ id: credential.id, rawId: text(credential.rawId), type: credential.type, response: told });
}

let waiting = null; // what a browser offers in a field until somebody presses the button

async function asked(form, more = {}) {
  const answer = await fetch(form.dataset.options, {
    method: "POST",
    headers: { "X-CSRFToken": form.elements.csrf_token.value },
    cache: "no-store",
  });
  if (!answer.ok) throw new Error(`${answer.status}`);
  const publicKey = read(await answer.json());
  return navigator.credentials[form.dataset.passkey]({ publicKey, ...more });
}

function send(form, credential) {
  form.elements.credential.value = written(credential);
  form.requestSubmit();
}

function begin(form) {
  const button = form.querySelector("[data-passkey-start]"), says = form.querySelector("[data-passkey-says]");
  form.hidden = false;
  form.addEventListener("submit", (event) => {
    if (form.elements.credential.value) return;
    event.preventDefault(); // by the Enter key
    button.click();
  });
  button.addEventListener("click", async () => {
    waiting?.abort();
    button.disabled = true;
    says.textContent = form.dataset.waits;
    try {
      send(form, await asked(form));
    } catch (error) {
      console.warn(error);
      says.textContent = form.dataset.failed;
    }
    button.disabled = false;
  });
}

async function offer(form) {
  if (!(await PublicKeyCredential.isConditionalMediationAvailable?.())) return;
  waiting = new AbortController();
  try {
    send(form, await asked(form, { mediation: "conditional", signal: waiting.signal }));
  } catch (error) {
    if (error.name !== "AbortError") console.warn(error); // the button is there all the same
  }
}

for (const form of document.querySelectorAll("form[data-passkey]")) {
  if (!able(form)) continue;
  begin(form);
  if ("conditional" in form.dataset) offer(form);
}

// A page that is to be kept on paper.
for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
}
