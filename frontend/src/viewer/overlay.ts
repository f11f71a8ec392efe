/** Draws the marks over the image as SVG, so that they follow the theme and stay sharp. */

import { h, s } from "../site/dom.ts";
import type { Display } from "./display.ts";
import { type Xy, apply, outline } from "./geometry.ts";
import { type Marks, coordinates } from "./marks.ts";
import type { Kind, Label, Mark } from "./types.ts";

/** A shape that is being drawn: its corners so far, and where the next would be. */
export interface Sketch {
  readonly kind: Kind;
  readonly points: readonly Xy[];
  readonly next: Xy | null;
}

const HANDLE = 6;

export class Overlay {
  readonly #svg: SVGSVGElement;
  readonly #shapes = s("g");
  readonly #signs = s("g");
  readonly #display: Display;
  readonly #marks: Marks;
  readonly #labels: ReadonlyMap<string, Label>;
  sketch: Sketch | null = null;
  /** Where the keyboard's cross is, in image pixels; null while it is put away. */
  cross: Xy | null = null;
  /** A mark as it would be while a drag goes on, in place of the one in the list. */
  dragged: Mark | null = null;

  constructor(svg: SVGSVGElement, display: Display, marks: Marks, labels: readonly Label[]) {
    this.#svg = svg;
    this.#display = display;
    this.#marks = marks;
    this.#labels = new Map(labels.map((label) => [label.value, label]));
    svg.append(this.#shapes, this.#signs);
  }

  /** Colour number of a mark, 1 to 8: that of its label. */
  colour(mark: Mark): number {
    return ((this.#labels.get(mark.label)?.color ?? 1) - 1) % 8 + 1;
  }

  draw(): void {
    const marks = this.#visible();
    const matrix = this.#display.matrix;
    this.#shapes.setAttribute("transform", `matrix(${matrix.join(" ")})`);
    this.#shapes.replaceChildren(...marks.map((mark) => this.#shape(mark)), ...this.#sketched());
    this.#signs.replaceChildren(
      ...marks.map((mark) => this.#number(mark)),
      ...this.#handles(marks),
      ...this.#crosshair(),
    );
    const words = marks.length === 1 ? "1 instance" : `${marks.length} instances`;
    this.#svg.setAttribute("aria-label", `${words} drawn on this slice`);
  }

  #visible(): readonly Mark[] {
    return this.#marks
      .onFrame(this.#display.frame)
      .filter((mark) => !this.#marks.hidden.has(mark.instance_uid))
      .map((mark) => (mark.instance_uid === this.dragged?.instance_uid ? this.dragged : mark));
  }

  #shape(mark: Mark): SVGElement {
    const colour = this.colour(mark);
    const chosen = mark.instance_uid === this.#marks.selected ? " k-on" : "";
    return s("polygon", {
      class: `k k${colour} kf${colour}${chosen}`,
      points: ring(outline(mark.kind, coordinates(mark))),
      "data-mark": mark.instance_uid,
    });
  }

  #number(mark: Mark): SVGElement {
    const places = coordinates(mark).map((place) => apply(this.#display.matrix, place));
    const top = places.reduce((best, place) => (place[1] < best[1] ? place : best));
    return s(
      "text",
      { class: "klabel kn-s", x: top[0].toFixed(1), y: (top[1] - 7).toFixed(1), "text-anchor": "middle" },
      String(this.#marks.number(mark)),
    );
  }

  #handles(marks: readonly Mark[]): SVGElement[] {
    const mark = marks.find((other) => other.instance_uid === this.#marks.selected);
    if (mark === undefined) return [];
    return coordinates(mark).map((place, i) => {
      const [x, y] = apply(this.#display.matrix, place);
      return s("rect", {
        class: this.#marks.corner === i ? "kh kh-on" : "kh",
        x: (x - HANDLE / 2).toFixed(2),
        y: (y - HANDLE / 2).toFixed(2),
        width: HANDLE,
        height: HANDLE,
      });
    });
  }

  #sketched(): SVGElement[] {
    if (this.sketch === null) return [];
    const { kind, points, next } = this.sketch;
    const all = next === null ? points : [...points, next];
    if (kind === "box") return [s("polygon", { class: "k k-sketch", points: ring(outline("box", all)) })];
    return [s("polyline", { class: "k k-sketch", points: ring(all) })];
  }

  #crosshair(): SVGElement[] {
    if (this.cross === null) return [];
    const [x, y] = apply(this.#display.matrix, this.cross);
    return [
      s("line", { class: "cross", x1: x - 24, x2: x + 24, y1: y, y2: y }),
      s("line", { class: "cross", x1: x, x2: x, y1: y - 24, y2: y + 24 }),
    ];
  }
}

/** The coloured number that stands for a mark in lists. */
export function badge(number: number, colour: number): HTMLElement {
  return h("span", { class: `badge-n m${colour}` }, String(number));
}

function ring(places: readonly Xy[]): string {
  return places.map(([x, y]) => `${x},${y}`).join(" ");
}
