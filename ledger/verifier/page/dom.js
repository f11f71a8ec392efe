/**
 * Elements without a string of markup: what comes from a bundle is only ever text.
 */

/** Icons by name, as paths on a 20 by 20 grid. @type {{[name: string]: string}} */
export const ICONS = {
  ok: "M10 17a7 7 0 1 0 0-14 7 7 0 0 0 0 14zM6.8 10.3l2.3 2.3 4.2-4.7",
  failed: "M7 3.2h6L16.8 7v6L13 16.8H7L3.2 13V7L7 3.2zM7.5 7.5l5 5M12.5 7.5l-5 5",
  unknown: "M10 17a7 7 0 1 0 0-14 7 7 0 0 0 0 14zM8 8.2a2 2 0 1 1 3 1.8c-.7.4-1 .8-1 1.6M10 13.9v.1",
  none: "M10 17a7 7 0 1 0 0-14 7 7 0 0 0 0 14zM7 10h6",
  now: "M10 17a7 7 0 1 0 0-14 7 7 0 0 0 0 14zM10 6v4l2.7 1.8",
  print: "M6 7V3.5h8V7M6 14H3.5V7h13v7H14M6 11.5h8v5H6v-5z",
  save: "M10 3.5v9M6 9l4 4 4-4M4 16.5h12",
  again: "M4 10a6 6 0 1 0 1.8-4.3M4 4v3h3",
};
const SVG = "http://www.w3.org/2000/svg";

/**
 * @param {string} tag with classes after dots: "p.s.muted"
 * @param {(Node | string | null)[]} content
 * @returns {HTMLElement}
 */
export function el(tag, ...content) {
  const [name = "div", ...classes] = tag.split(".");
  const element = document.createElement(name);
  if (classes.length) element.className = classes.join(" ");
  element.append(...content.filter((each) => each !== null));
  return element;
}

/**
 * @template {Element} Kind
 * @param {Kind} element
 * @param {{[name: string]: string}} attributes
 * @returns {Kind}
 */
export function having(element, attributes) {
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  return element;
}

/** @param {string} name @returns {SVGElement} */
export function icon(name) {
  const svg = having(document.createElementNS(SVG, "svg"), { viewBox: "0 0 20 20", "aria-hidden": "true", class: "ic" });
  svg.append(having(document.createElementNS(SVG, "path"), { d: ICONS[name] ?? "" }));
  return svg;
}

/** @param {{[name: string]: string}} attributes @returns {SVGElement} */
export function rect(attributes) {
  return having(document.createElementNS(SVG, "rect"), attributes);
}

/** @param {string} label @returns {SVGElement} */
export function figure(label) {
  return having(document.createElementNS(SVG, "svg"), { class: "fig", role: "img", "aria-label": label, preserveAspectRatio: "none", viewBox: "0 0 1000 16" });
}

/** @param {string} id @returns {HTMLElement} */
export function byId(id) {
  const element = document.getElementById(id);
  if (!element) throw new Error(`no element ${id}`);
  return element;
}

/** @param {number} value @returns {string} 49,274 */
export function number(value) {
  return value.toLocaleString("en-GB");
}

/** @param {number} count @param {string} one @param {string} [many] @returns {string} 1 entry, 2 entries */
export function counted(count, one, many = `${one}s`) {
  return `${number(count)} ${count === 1 ? one : many}`;
}

/** @param {number} bytes @returns {string} 1.2 GB */
export function size(bytes) {
  const units = ["bytes", "kB", "MB", "GB", "TB"];
  let unit = 0;
  let value = bytes;
  for (; value >= 1000 && unit < units.length - 1; unit++) value /= 1000;
  return `${unit ? value.toFixed(1) : value} ${units[unit]}`;
}

/** @param {Date} date @returns {string} 23 Nov 2026, 10:12:44 UTC */
export function utcTime(date) {
  const months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
  return `${date.getUTCDate()} ${months[date.getUTCMonth()]} ${date.getUTCFullYear()}, ${date.toISOString().slice(11, 19)} UTC`;
}

/** @param {string} title @param {(Node | string | null)[]} content @returns {HTMLElement} a sheet with a heading */
export function sheet(title, ...content) {
  const id = `h-${title.toLowerCase().replace(/[^a-z]+/g, "-")}`;
  const heading = having(el("h2", title), { id });
  return having(el("section.sheet", el("header", heading), ...content), { "aria-labelledby": id });
}

/** @param {[string, Node | string][]} rows @returns {HTMLElement} */
export function facts(rows) {
  return el("dl.facts", ...rows.flatMap(([term, value]) => [el("dt", term), el("dd", value)]));
}

/** @param {"ok" | "bad" | "none" | "missing"} kind @param {string} text @returns {HTMLElement} */
export function status(kind, text) {
  const icons = { ok: "ok", bad: "failed", none: "none", missing: "unknown" };
  return el(`span.st.st-${kind}`, icon(icons[kind]), text);
}
