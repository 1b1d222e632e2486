// Turns each colour of the compiled CSS into a custom property, and gives each property a dark value.
//
// A colour is judged by what it does: text must become light, a light surface dark, a solid colour under white text stays.
// So all components follow the reader's preference without a second copy of the style sheet.

const HEX = /#[0-9a-f]{3,8}\b|\b(?:white|black)\b/gi;

// Colours that keep their value, because what stands on or under them does too: yellow, and the ink on it.
const KEPT = new Set(["#ffe14d", "#1d2529", "#f2b233"]);

const DARK = {
  "bg-#f6f8f7": "#12191c", // page
  "bg-#dfe6e6": "#0c1215", // behind the footer
  "bg-#ffffff": "#1a2327", // card, input
  "bg-#0b5f66": "#0f5a60", // what acts, with white words on it
  "bg-#fff8d6": "#3a3214",
  "fg-#17242a": "#e8eeee",
  "fg-#52636b": "#a4b4b8",
  "fg-#0b5f66": "#7fd0cf", // links
  "fg-#083a3f": "#b6e8eb",
  "line-#dfe6e6": "#2d3b40",
  "line-#ffffff": "#ffffff",
};

function rgb(hex) {
  let digits = hex.slice(1);
  if (digits.length === 3) digits = [...digits].map((d) => d + d).join("");
  return [0, 2, 4].map((i) => parseInt(digits.slice(i, i + 2), 16) / 255);
}

function oklch([r, g, b]) {
  const [lr, lg, lb] = [r, g, b].map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
  const l = Math.cbrt(0.4122214708 * lr + 0.5363325363 * lg + 0.0514459929 * lb);
  const m = Math.cbrt(0.2119034982 * lr + 0.6806995451 * lg + 0.1073969566 * lb);
  const s = Math.cbrt(0.0883024619 * lr + 0.2817188376 * lg + 0.6299787005 * lb);
  const a = 1.9779984951 * l - 2.428592205 * m + 0.4505937099 * s;
  const bb = 0.0259040371 * l + 0.7827717662 * m - 0.808675766 * s;
  return {
    light: 0.2104542553 * l + 0.793617785 * m - 0.0040720468 * s,
    chroma: Math.hypot(a, bb),
    hue: Math.atan2(bb, a),
  };
}

function hex({ light, chroma, hue }) {
  const a = chroma * Math.cos(hue);
  const b = chroma * Math.sin(hue);
  const l = (light + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const m = (light - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const s = (light - 0.0894841775 * a - 1.291485548 * b) ** 3;
  const channels = [
    4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s,
    -1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s,
    -0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s,
  ];
  return (
    "#" +
    channels
      .map((c) => (c <= 0.0031308 ? 12.92 * c : 1.055 * c ** (1 / 2.4) - 0.055))
      .map((c) => Math.round(Math.min(1, Math.max(0, c)) * 255).toString(16).padStart(2, "0"))
      .join("")
  );
}

function dark(role, colour) {
  if (KEPT.has(colour)) return colour;
  const given = DARK[`${role}-${colour}`];
  if (given) return given;
  const { light, chroma, hue } = oklch(rgb(colour));
  if (role === "fg") {
    if (light > 0.9) return colour; // white on something solid
    return hex({ light: chroma > 0.03 ? 0.84 : 0.9, chroma: Math.min(chroma, 0.1), hue });
  }
  if (role === "bg") {
    if (light < 0.75) return colour; // solid, with white on it
    return hex({ light: light > 0.95 ? 0.26 : 0.32, chroma: Math.min(chroma, 0.05), hue });
  }
  if (role === "shadow" && light < 0.75) return colour; // the edge of a solid button
  if (light > 0.85) return hex({ light: 0.42, chroma: Math.min(chroma, 0.03), hue });
  return hex({ light: 0.72, chroma: Math.min(chroma, 0.12), hue });
}

function roleOf(property) {
  if (/^(color|fill|stroke|caret-color|text-decoration|text-decoration-color)$/.test(property)) return "fg";
  if (/^background/.test(property)) return "bg";
  if (property === "box-shadow") return "shadow";
  if (/^(border|outline|column-rule)/.test(property)) return "line";
  return null;
}

/** CSS with literal colours, one declaration a line -> CSS with custom properties and a dark set of them. */
export function retheme(css) {
  const used = new Map();
  let inPrint = false;
  let depth = 0;
  let printDepth = 0;
  const lines = css.split("\n").map((line) => {
    if (/^\s*--nhsuk-.*colour:/.test(line)) return ""; // the palette as properties: nothing uses it
    if (/@media print/.test(line)) {
      inPrint = true;
      printDepth = depth;
    }
    depth += (line.match(/{/g) ?? []).length - (line.match(/}/g) ?? []).length;
    if (inPrint && depth <= printDepth && line.includes("}")) inPrint = false;
    const parts = line.match(/^(\s*)([\w-]+):\s*(.*);$/);
    if (!parts || inPrint) return line;
    const role = roleOf(parts[2]);
    if (!role) return line;
    const value = parts[3].replace(HEX, (found) => {
      let colour = found.toLowerCase();
      if (colour === "white") colour = "#ffffff";
      if (colour === "black") colour = "#000000";
      if (colour.length === 4) colour = "#" + [...colour.slice(1)].map((d) => d + d).join("");
      const night = dark(role, colour);
      if (night === colour) return colour;
      const name = `--${role}-${colour.slice(1)}`;
      used.set(name, [colour, night]);
      return `var(${name})`;
    });
    return `${parts[1]}${parts[2]}: ${value};`;
  });
  const set = (which) => [...used].sort().map(([name, pair]) => `${name}: ${pair[which]};`).join(" ");
  return (
    `:root { ${set(0)} }\n` +
    `@media screen and (prefers-color-scheme: dark) { :root { ${set(1)} } }\n` +
    lines.join("\n")
  );
}
