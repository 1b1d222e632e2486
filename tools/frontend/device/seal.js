// Sealing and opening, by AES-GCM. A key is imported so that no script can read its bytes, and comes in two halves: one
// that can only seal, and one that can only open.

const hex = (bytes) => [...new Uint8Array(bytes)].map((byte) => byte.toString(16).padStart(2, "0")).join("");

/* A name that tells nothing. */
export const hashed = async (text) => hex(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text))).slice(0, 32);

/* One of the person's keys, as the server sends it: what it seals stands under names that begin with its tag. */
export async function imported(seal) {
  const raw = Uint8Array.from(atob(seal.replaceAll("-", "+").replaceAll("_", "/")), (letter) => letter.charCodeAt(0));
  const half = (use) => crypto.subtle.importKey("raw", raw, "AES-GCM", false, [use]);
  const [seals, opens] = await Promise.all([half("encrypt"), half("decrypt")]);
  raw.fill(0);
  return { seals, opens, tag: await hashed(`coord-recordings ${seal}`) };
}

export async function sealed(key, value) {
  const iv = crypto.getRandomValues(new Uint8Array(12));
  const bytes = new TextEncoder().encode(JSON.stringify(value));
  return { iv, sealed: await crypto.subtle.encrypt({ name: "AES-GCM", iv }, key.seals, bytes) };
}

/* What was sealed; null if it is damaged, and cannot be read by anybody any more. */
export async function opened(key, { iv, sealed: bytes }) {
  try {
    return JSON.parse(new TextDecoder().decode(await crypto.subtle.decrypt({ name: "AES-GCM", iv }, key.opens, bytes)));
  } catch (error) {
    console.warn(error);
    return null;
  }
}
