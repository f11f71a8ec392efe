/** Makes shapes corner by corner, from clicks, drags and keys alike. */

import type { Display } from "./display.ts";
import { type Xy, boxCorners, clamp, isDrawable, toPoint } from "./geometry.ts";
import { type Marks, nextTrackingId } from "./marks.ts";
import type { Overlay } from "./overlay.ts";
import type { Kind, Label } from "./types.ts";

export class Pen {
  readonly #display: Display;
  readonly #marks: Marks;
  readonly #overlay: Overlay;
  #points: Xy[] = [];
  #kind: Kind = "polygon";
  /** The label that the next shape gets. */
  label: Label;
  onSaid: (words: string) => void = () => undefined;

  constructor(display: Display, marks: Marks, overlay: Overlay, label: Label) {
    this.#display = display;
    this.#marks = marks;
    this.#overlay = overlay;
    this.label = label;
  }

  get drawing(): boolean {
    return this.#points.length > 0;
  }

  get first(): Xy | null {
    return this.#points[0] ?? null;
  }

  get count(): number {
    return this.#points.length;
  }

  /** Set the next corner; the second of a box finishes it. */
  put(kind: Kind, place: Xy): void {
    this.#kind = kind;
    const { columns, rows } = this.#display.frame;
    const inside = clamp(place, columns, rows);
    const last = this.#points.at(-1);
    if (last !== undefined && last[0] === inside[0] && last[1] === inside[1]) return;
    this.#points.push(inside);
    if (kind === "box" && this.#points.length === 2) this.finish();
    else this.follow(null);
  }

  /** Show where the next corner would come. */
  follow(next: Xy | null): void {
    this.#overlay.sketch = this.drawing
      ? { kind: this.#kind, points: this.#points, next }
      : null;
    this.#overlay.draw();
  }

  /** Close the shape and keep it; a shape without an inside is refused in words. */
  finish(): void {
    const [first, second] = this.#points;
    if (first === undefined) return;
    const points =
      this.#kind === "box" && second !== undefined ? boxCorners(first, second) : this.#points;
    if (!isDrawable(this.#kind, points)) {
      this.onSaid(
        this.#kind === "box"
          ? "A box needs a second corner, apart from the first in both directions."
          : "A polygon needs at least three corners that enclose an area.",
      );
      if (this.#kind === "box" && second !== undefined) this.giveUp();
      return;
    }
    const kind = this.#kind;
    this.#overlay.cross = null; // arrows change the slice again
    this.giveUp();
    this.#marks.add({
      instance_uid: crypto.randomUUID(),
      tracking_id: nextTrackingId(this.label, this.#marks.all),
      label: this.label.value,
      kind,
      instance: this.#display.frame.instance,
      frame: this.#display.frame.frame,
      points: points.map(toPoint),
      revision: null,
      content_hash: null,
      author: null,
    });
    this.onSaid(`${this.label.meaning}, instance ${this.#marks.all.length} drawn.`);
  }

  /** Take back the last corner only. */
  back(): void {
    this.#points.pop();
    this.follow(null);
  }

  giveUp(): void {
    this.#points = [];
    this.follow(null);
  }
}
