// The sign-in page: whoever comes next, nothing on this device can be opened any more. What was never sent stays sealed, and
// its owner's next sign-in opens it.

import { set } from "idb-keyval";
import { LANGUAGE, destroy, live } from "./device/store.js";
import { watched } from "./device/worker.js";

if (globalThis.indexedDB) {
  destroy()
    .then(() => set(LANGUAGE, document.documentElement.lang, live))
    .catch((error) => console.warn(error));
  watched();
}
