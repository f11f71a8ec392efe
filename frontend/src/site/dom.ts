/** The little that both the pages and the viewer need to make elements without inline code. */

import drawings from "../../icons.json";

type Child = Node | string;
type Attributes = Record<string, string | number | boolean | null>;

/** Make an element; an attribute that is false or null is left out, true is set empty. */
export function h<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  setAll(element, attributes);
  element.append(...children);
  return element;
}

/** Make an SVG element, as `h` does. */
export function s<K extends keyof SVGElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: Child[]
): SVGElementTagNameMap[K] {
  const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
  setAll(element, attributes);
  element.append(...children);
  return element;
}

export function icon(name: keyof typeof drawings): SVGSVGElement {
  const svg = s("svg", { class: "ic", viewBox: "0 0 20 20", "aria-hidden": "true" });
  svg.innerHTML = drawings[name];
  return svg;
}

/** Return the one element that must be there; a template without it is a fault of ours. */
export function need<T extends Element>(root: ParentNode, selector: string): T {
  const found = root.querySelector<T>(selector);
  if (found === null) throw new Error(`The page has no ${selector}.`);
  return found;
}

/** Print a moment as UTC with its zone: the only form of time on screen. */
export function clock(moment: Date): string {
  return `${moment.toISOString().slice(11, 19)} UTC`;
}

function setAll(element: Element, attributes: Attributes): void {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === false || value === null) continue;
    element.setAttribute(name, value === true ? "" : String(value));
  }
}
