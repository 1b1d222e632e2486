// Leaves out of the design system's CSS what no template, no script and no form that Python declares can put on a page.

import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { PurgeCSS } from "purgecss";

const words = (text) => text.match(/[\w-]+/g) ?? [];

// Elements stay, for words may bring some; and of `choices` in fields.html, which is told what it is, radios and boxes.
const KEPT = [/^[a-z0-9]+$/, /^nhsuk-(radios|checkboxes)(__|--|$)/];

/** The text of a folder's files of one kind. */
function textIn(folder, kind) {
  const names = readdirSync(folder, { recursive: true }).filter((name) => name.endsWith(kind));
  return names.map((name) => readFileSync(join(folder, name), "utf8")).join("\n");
}

/** What of the CSS is used in `web`, whose scripts have been built: what the design system's own use is in them. */
export async function used(css, web) {
  // Python declares how fields look; whatever else it says names no element (KEPT has those that it may).
  const source = [textIn(join(web, "templates"), ".html"), textIn(join(web, "static"), ".js"), textIn(web, ".py")].join("\n");
  // A class that is put together ("nhsuk-tag--" and a colour, f"nhsuk-input--width-{n}") may be any that begins so.
  const begun = words(source).filter((word) => /^(nhsuk|coord)-.+-$/.test(word));
  const [purged] = await new PurgeCSS().purge({
    content: [{ raw: source, extension: "html" }],
    css: [{ raw: css }],
    defaultExtractor: words,
    safelist: [...KEPT, ...begun.map((start) => new RegExp(`^${start}`))],
  });
  return purged.css;
}

/** Every class of the CSS, a line each. */
export const classes = (css) =>
  [...new Set([...css.matchAll(/\.(-?[a-zA-Z_][\w-]*)/g)].map(([, name]) => name))].sort().join("\n") + "\n";
