/** The words at the corners of the image: slice, window, spacing, measures, orientation. */

import { need } from "../site/dom.ts";
import type { Display } from "./display.ts";
import { type Xy, area, outline } from "./geometry.ts";
import { type Marks, coordinates } from "./marks.ts";
import { edges } from "./orientation.ts";
import type { Frame, Label, Mark, Series } from "./types.ts";

export class Hud {
  readonly #root: HTMLElement;
  readonly #display: Display;
  readonly #marks: Marks;
  readonly #labels: ReadonlyMap<string, Label>;
  #place: Xy | null = null;

  constructor(root: HTMLElement, display: Display, marks: Marks, labels: readonly Label[]) {
    this.#root = root;
    this.#display = display;
    this.#marks = marks;
    this.#labels = new Map(labels.map((label) => [label.value, label]));
  }

  /** Show where the pointer is, in image pixels from the corner. */
  follow(place: Xy | null): void {
    this.#place = place;
    this.#lines("hud-bl", [spacing(this.#display.frame), this.#where()]);
  }

  draw(): void {
    const { series, frame, index, window, zoom } = this.#display;
    this.#lines("hud-tl", [planeName(series), slice(series, index)]);
    const seen = series.samples === 3 ? "" : `W ${short(window.width)}  L ${short(window.centre)}`;
    this.#lines("hud-tr", [seen, `Zoom ${zoom.toFixed(zoom < 10 ? 2 : 1)}`]);
    this.#lines("hud-bl", [spacing(frame), this.#where()]);
    this.#lines("hud-br", this.#measures(frame));
    for (const [side, letters] of Object.entries(edges(frame.orientation))) {
      this.#text(`edge-${side}`, letters);
    }
    const stage = need(this.#root, '[data-el="stage"]');
    stage.setAttribute("aria-label", `${planeName(series)}, ${slice(series, index)}`);
  }

  #measures(frame: Frame): string[] {
    const mark = this.#marks.current;
    if (mark === null || mark.instance !== frame.instance || mark.frame !== frame.frame) return [];
    return [this.#labels.get(mark.label)?.meaning ?? mark.label, measure(mark, frame)];
  }

  #where(): string {
    if (this.#place === null) return "";
    const [x, y] = this.#place;
    return `x ${x.toFixed(1)}  y ${y.toFixed(1)} px`;
  }

  #lines(name: string, lines: readonly string[]): void {
    this.#text(name, lines.filter(Boolean).join("\n"));
  }

  #text(name: string, text: string): void {
    const element = need<HTMLElement>(this.#root, `[data-el="${name}"]`);
    if (element.textContent !== text) element.textContent = text;
  }
}

export function planeName(series: Series): string {
  const known = ["axial", "coronal", "sagittal", "oblique"].includes(series.plane);
  return known ? series.plane.charAt(0).toUpperCase() + series.plane.slice(1) : series.modality;
}

function slice(series: Series, index: number): string {
  const count = series.frames.length;
  if (count === 1) return "Single image";
  const word = series.is_volume ? "Slice" : "Image";
  const apart = series.slice_spacing === null ? "" : `, ${Number(series.slice_spacing).toFixed(2)} mm apart`;
  return `${word} ${index + 1} of ${count}${apart}`;
}

/** Spacing as the file gives it; at the detector where the file is not calibrated (PS3.3 10.7.1.3). */
export function spacing(frame: Frame): string {
  if (frame.spacing === null) return "No scale: measures are in pixels";
  const [row, column] = frame.spacing;
  const size = row === column ? row.toFixed(3) : `${column.toFixed(3)} × ${row.toFixed(3)}`;
  return `${size} mm per pixel${frame.calibrated ? "" : ", at the detector"}`;
}

/** Area or sides of a mark, in millimetres where the image has a calibrated scale. */
export function measure(mark: Mark, frame: Frame): string {
  const places = coordinates(mark);
  const scale = frame.calibrated ? frame.spacing : null;
  const [row, column] = scale ?? [1, 1];
  const unit = scale === null ? "px" : "mm";
  const [first, second] = places;
  if (mark.kind === "box" && first !== undefined && second !== undefined) {
    const width = Math.abs(second[0] - first[0]) * column;
    const height = Math.abs(second[1] - first[1]) * row;
    return `${width.toFixed(1)} × ${height.toFixed(1)} ${unit}, this slice`;
  }
  const size = area(outline(mark.kind, places)) * row * column;
  return `area ${size.toFixed(size < 100 ? 1 : 0)} ${unit}², this slice`;
}

function short(value: number): string {
  return Math.abs(value) < 10 ? value.toFixed(1) : value.toFixed(0);
}
