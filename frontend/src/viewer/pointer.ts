/** What the mouse, pen or finger does over the image, by the tool that is chosen. */

import type { Display } from "./display.ts";
import { type Xy, apply, clamp, contains, distance, distanceToRing, outline, toPoint } from "./geometry.ts";
import { type Marks, coordinates, moved } from "./marks.ts";
import type { Overlay } from "./overlay.ts";
import type { Pen } from "./pen.ts";
import type { Mark, Tool } from "./types.ts";

const REACH = 8; // CSS pixels: half of a comfortable target
const DRAG = 4; // CSS pixels below which a press is a click

/** A drag in progress: what each movement does, and what letting go does. */
interface Drag {
  readonly move: (at: Xy, step: Xy) => void;
  readonly end: (at: Xy, far: boolean) => void;
}

export class Pointer {
  readonly #stage: HTMLElement;
  readonly #display: Display;
  readonly #marks: Marks;
  readonly #overlay: Overlay;
  readonly #pen: Pen;
  #drag: Drag | null = null;
  #from: Xy = [0, 0];
  #last: Xy = [0, 0];
  #turned = 0;
  tool: Tool = "select";
  /** False while the work may be looked at but not changed. */
  editable = true;
  onPlace: (place: Xy | null) => void = () => undefined;

  constructor(stage: HTMLElement, display: Display, marks: Marks, overlay: Overlay, pen: Pen) {
    this.#stage = stage;
    this.#display = display;
    this.#marks = marks;
    this.#overlay = overlay;
    this.#pen = pen;
    stage.addEventListener("pointerdown", (event) => this.#down(event));
    stage.addEventListener("pointermove", (event) => this.#move(event));
    stage.addEventListener("pointerup", (event) => this.#up(event));
    stage.addEventListener("pointercancel", () => this.#cancel());
    stage.addEventListener("pointerleave", () => this.onPlace(null));
    stage.addEventListener("dblclick", () => this.#pen.count > 2 && this.#pen.finish());
    stage.addEventListener("contextmenu", (event) => event.preventDefault());
    stage.addEventListener("wheel", (event) => this.#wheel(event), { passive: false });
  }

  #at(event: MouseEvent): Xy {
    const box = this.#stage.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  }

  /** The place in the image; with Shift held, the nearest corner of a pixel. */
  #place(at: Xy, snap: boolean): Xy {
    const [x, y] = this.#display.toImage(at);
    const { columns, rows } = this.#display.frame;
    return clamp(snap ? [Math.round(x), Math.round(y)] : round([x, y]), columns, rows);
  }

  #down(event: PointerEvent): void {
    if (this.#drag !== null) return;
    event.preventDefault();
    this.#stage.focus({ preventScroll: true });
    this.#stage.setPointerCapture(event.pointerId);
    this.#from = this.#last = this.#at(event);
    this.#drag = this.#begin(event);
  }

  #move(event: PointerEvent): void {
    const at = this.#at(event);
    const place = this.#place(at, event.shiftKey);
    this.onPlace(place);
    if (this.#drag !== null) {
      this.#drag.move(at, [at[0] - this.#last[0], at[1] - this.#last[1]]);
    } else if (this.#pen.drawing) {
      this.#pen.follow(place);
    }
    this.#last = at;
  }

  #up(event: PointerEvent): void {
    const at = this.#at(event);
    this.#drag?.end(at, distance(at, this.#from) > DRAG);
    this.#drag = null;
  }

  #cancel(): void {
    this.#drag = null;
    this.#overlay.dragged = null;
    this.#overlay.draw();
  }

  #begin(event: PointerEvent): Drag {
    const nothing = () => undefined;
    if (event.button === 1 || this.tool === "pan") {
      return { move: (_, step) => this.#display.panBy(step), end: nothing };
    }
    if (event.button === 2 || this.tool === "window") {
      return { move: (_, step) => this.#shift(step), end: nothing };
    }
    if (this.tool === "zoom") {
      return {
        move: (_, [, dy]) => this.#display.zoomBy(Math.exp(-dy / 120), this.#from),
        end: (at, far) => !far && this.#display.zoomBy(event.shiftKey ? 1 / 1.5 : 1.5, at),
      };
    }
    if (this.tool === "select") return this.#grab();
    return this.editable ? this.#sketch(this.tool, event.shiftKey) : { move: nothing, end: nothing };
  }

  /** Drag to the right widens the window, down raises its centre: the custom of the trade. */
  #shift([dx, dy]: Xy): void {
    const { window } = this.#display;
    const pace = Math.max(window.width / 400, 0.05);
    this.#display.setWindow({
      name: "Own",
      centre: window.centre + dy * pace,
      width: window.width + dx * pace,
    });
  }

  #sketch(kind: "box" | "polygon", snap: boolean): Drag {
    const start = this.#place(this.#from, snap);
    const closes =
      kind === "polygon" && this.#pen.count > 2 && this.#pen.first !== null &&
      distance(apply(this.#display.matrix, this.#pen.first), this.#from) < REACH;
    if (closes) {
      this.#pen.finish();
      return { move: () => undefined, end: () => undefined };
    }
    this.#pen.put(kind, start);
    return {
      move: (at) => this.#pen.drawing && this.#pen.follow(this.#place(at, snap)),
      end: (at, far) => far && kind === "box" && this.#pen.drawing && this.#pen.put(kind, this.#place(at, snap)),
    };
  }

  #grab(): Drag {
    const corner = this.#cornerAt(this.#from);
    const mark = corner === null ? this.markAt(this.#from) : this.#marks.current;
    this.#marks.select(mark?.instance_uid ?? null);
    this.#marks.setCorner(corner);
    if (mark === null || !this.editable) return { move: () => undefined, end: () => undefined };
    return {
      move: (at) => {
        this.#overlay.dragged = this.#carried(mark, corner, at);
        this.#overlay.draw();
      },
      end: (at, far) => {
        this.#overlay.dragged = null;
        if (far) this.#marks.change(mark.instance_uid, { points: this.#carried(mark, corner, at).points });
        else this.#overlay.draw();
      },
    };
  }

  #carried(mark: Mark, corner: number | null, at: Xy): Mark {
    const [fromX, fromY] = this.#display.toImage(this.#from);
    const [x, y] = this.#display.toImage(at);
    const points = moved(mark, this.#display.frame, round([x - fromX, y - fromY]), corner);
    return { ...mark, points: mark.kind === "box" ? ordered(points.map(([a, b]) => [Number(a), Number(b)])) : points };
  }

  #cornerAt(at: Xy): number | null {
    const mark = this.#marks.current;
    if (mark === null || mark.instance !== this.#display.frame.instance) return null;
    if (mark.frame !== this.#display.frame.frame) return null;
    const near = coordinates(mark).findIndex(
      (place) => distance(apply(this.#display.matrix, place), at) <= REACH,
    );
    return near < 0 ? null : near;
  }

  /** The topmost mark at a place of the screen: on its line, or else inside it. */
  markAt(at: Xy): Mark | null {
    const shown = this.#marks
      .onFrame(this.#display.frame)
      .filter((mark) => !this.#marks.hidden.has(mark.instance_uid))
      .map((mark) => ({
        mark,
        ring: outline(mark.kind, coordinates(mark)).map((p) => apply(this.#display.matrix, p)),
      }))
      .reverse();
    const hit =
      shown.find(({ ring }) => distanceToRing(ring, at) <= REACH / 2) ??
      shown.find(({ ring }) => contains(ring, at));
    return hit?.mark ?? null;
  }

  #wheel(event: WheelEvent): void {
    event.preventDefault();
    if (event.ctrlKey) {
      this.#display.zoomBy(Math.exp(-event.deltaY / 400), this.#at(event));
      return;
    }
    // A notch of a wheel is one slice; a touch pad sends many small steps.
    this.#turned += event.deltaMode === WheelEvent.DOM_DELTA_LINE ? event.deltaY * 40 : event.deltaY;
    const slices = Math.trunc(this.#turned / 40);
    if (slices === 0) return;
    this.#turned = Math.abs(event.deltaY) >= 100 ? 0 : this.#turned - slices * 40;
    this.#display.step(Math.abs(event.deltaY) >= 100 ? Math.sign(slices) : slices);
  }
}

function round([x, y]: Xy): Xy {
  return [Math.round(x * 100) / 100, Math.round(y * 100) / 100];
}

/** A box keeps its first corner top left, whichever corner was pulled. */
function ordered(places: readonly Xy[]): Mark["points"] {
  const xs = places.map(([x]) => x);
  const ys = places.map(([, y]) => y);
  return [toPoint([Math.min(...xs), Math.min(...ys)]), toPoint([Math.max(...xs), Math.max(...ys)])];
}
