// The service worker stands in when Coord cannot be reached (worker.js). Without it, or where it is refused, nothing changes.

export function watched() {
  navigator.serviceWorker?.register("/worker.js").catch((error) => console.warn(error));
}
