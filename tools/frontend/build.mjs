// Builds coord/web/static/built. Run through build.sh.

import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import * as esbuild from "esbuild";
import * as sass from "sass";
import { retheme } from "./retheme.mjs";
import { classes, used } from "./used.mjs";

const here = dirname(fileURLToPath(import.meta.url));
const packages = join(here, "node_modules");
const out = join(here, "../../coord/web/static/built");
const version = (name) => JSON.parse(readFileSync(join(packages, name, "package.json"), "utf8")).version;

mkdirSync(join(out, "icons"), { recursive: true });

const nhsuk = `nhsuk-frontend ${version("nhsuk-frontend")}, MIT licence, Copyright (c) 2019 NHS.UK: see LICENCES.txt`;

// The pages about goals have a chart: its script and styles are theirs alone.
const uplot = `uPlot ${version("uplot")}, MIT licence, Copyright (c) 2022 Leon Sorokin: see LICENCES.txt`;
const ofGoals = retheme(sass.compile(join(here, "goals.scss")).css.replace(/^@charset[^;]*;/, ""));
const ofCharts = readFileSync(join(packages, "uplot/dist/uPlot.min.css"), "utf8");
const goals = await esbuild.transform(`${ofCharts}\n${ofGoals}`, { loader: "css", minify: true, legalComments: "none" });
writeFileSync(join(out, "goals.css"), `/*! Coord. Contains ${uplot} */\n${goals.code}`);

await esbuild.build({
  entryPoints: [join(here, "goals.js")],
  outfile: join(out, "goals.js"),
  bundle: true,
  minify: true,
  format: "iife",
  target: "es2022",
  legalComments: "none",
  banner: { js: `/*! Coord. Contains ${uplot} */` },
});

await esbuild.build({
  entryPoints: [join(here, "coord.js")],
  outfile: join(out, "coord.js"),
  bundle: true,
  minify: true,
  format: "iife",
  target: "es2020",
  legalComments: "none",
  banner: { js: `/*! Coord. Contains ${nhsuk} */` },
});

// The pages about a group's session have styles of their own.
const ofSessions = retheme(sass.compile(join(here, "sessions.scss")).css.replace(/^@charset[^;]*;/, ""));
const sessions = await esbuild.transform(ofSessions, { loader: "css", minify: true, legalComments: "none" });
writeFileSync(join(out, "sessions.css"), `/*! Coord. */\n${sessions.code}`);

// What waits on the device to be sent is said on every page; forms that may wait, the pages of a session, the sign-in page
// and the service worker have scripts of their own.
const keyval = `idb-keyval ${version("idb-keyval")}, Apache-2.0 licence, Copyright 2016 Jake Archibald: see LICENCES.txt`;
const OF_THE_DEVICE = ["device.js", "keeping.js", "recordings.js", "entrance.js", "worker.js"];
for (const name of OF_THE_DEVICE) {
  await esbuild.build({
    entryPoints: [join(here, name)],
    outfile: join(out, name),
    bundle: true,
    minify: true,
    format: "iife",
    target: "es2022",
    legalComments: "none",
    banner: { js: `/*! Coord. Contains ${keyval} */` },
  });
}

await esbuild.build({
  entryPoints: [join(here, "passkeys.js")],
  outfile: join(out, "passkeys.js"),
  bundle: true,
  minify: true,
  format: "iife",
  target: "es2020",
  legalComments: "none",
  banner: { js: "/*! Coord. */" },
});

const htmx = readFileSync(join(packages, "htmx.org/dist/htmx.min.js"), "utf8");
writeFileSync(join(out, "htmx.min.js"), `/*! htmx ${version("htmx.org")}, Zero-Clause BSD licence: see LICENCES.txt */\n${htmx}`);

// Of the design system, what pages use; and the names of all of it, for the test that says when to build anew.
const compiled = sass.compile(join(here, "coord.scss"), { loadPaths: [here, packages], quietDeps: true });
const everything = compiled.css.replace(/^@charset[^;]*;/, "");
writeFileSync(join(here, "classes.txt"), classes(everything));
const styles = await esbuild.transform(retheme(await used(everything, join(out, "../.."))), {
  loader: "css",
  minify: true,
  legalComments: "none",
});
writeFileSync(join(out, "coord.css"), `/*! Coord. Contains ${nhsuk} */\n${styles.code}`);

for (const icon of ["arrow-up-down", "arrow-up", "arrow-down", "cross"]) {
  const name = `nhsuk-icon-${icon}.svg`;
  copyFileSync(join(packages, "nhsuk-frontend/dist/nhsuk/assets/images", name), join(out, "icons", name));
}

const FIRST_VISIT = ["coord.css", "coord.js", "device.js"]; // of any page
let total = 0;
for (const name of [...FIRST_VISIT, ...OF_THE_DEVICE.slice(1), "passkeys.js", "htmx.min.js", "goals.css", "goals.js", "sessions.css"]) {
  const text = readFileSync(join(out, name), "utf8");
  const foreign = text.match(/sourceMappingURL|url\(\s*["']?(?:https?:)?\/\/[^)]*/g);
  if (foreign) throw new Error(`${name} points elsewhere: ${foreign.join(", ")}`);
  const size = gzipSync(text, { level: 9 }).length;
  if (FIRST_VISIT.includes(name)) total += size;
  console.log(name.padEnd(14), `${(size / 1024).toFixed(1)} kB compressed`);
}
console.log("first visit".padEnd(14), `${(total / 1024).toFixed(1)} kB compressed`);
if (total > 30 * 1024) throw new Error("more than 30 kB on a first visit");
