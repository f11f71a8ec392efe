/** The keyboard over the image: every act the pointer has, without a pointer. */

import type { Display } from "./display.ts";
import { type Xy, clamp } from "./geometry.ts";
import { type Marks, moved } from "./marks.ts";
import type { Overlay } from "./overlay.ts";
import type { Pen } from "./pen.ts";
import type { Pointer } from "./pointer.ts";
import type { Tool } from "./types.ts";

const TOOLS: Readonly<Record<string, Tool>> = {
  v: "select", h: "pan", z: "zoom", w: "window", p: "polygon", r: "box",
};
const ARROWS: Readonly<Record<string, Xy>> = {
  ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1],
};
const OFF = "single-keys-off";

export interface Acts {
  readonly tool: (tool: Tool) => void;
  readonly nothing: () => void;
  readonly say: (words: string) => void;
  readonly goTo: (uid: string) => void;
}

export class Keys {
  readonly #display: Display;
  readonly #marks: Marks;
  readonly #overlay: Overlay;
  readonly #pen: Pen;
  readonly #pointer: Pointer;
  readonly #acts: Acts;

  constructor(
    stage: HTMLElement,
    parts: { display: Display; marks: Marks; overlay: Overlay; pen: Pen; pointer: Pointer },
    acts: Acts,
  ) {
    this.#display = parts.display;
    this.#marks = parts.marks;
    this.#overlay = parts.overlay;
    this.#pen = parts.pen;
    this.#pointer = parts.pointer;
    this.#acts = acts;
    stage.addEventListener("keydown", (event) => {
      if (event.altKey || event.ctrlKey || event.metaKey) return; // those leave the viewer
      if (this.#cross(event) || this.#move(event) || this.#single(event)) event.preventDefault();
    });
  }

  /** Whether single letters and digits act (WCAG 2.1.4: they can be turned off). */
  static get on(): boolean {
    return localStorage.getItem(OFF) === null;
  }

  static set on(value: boolean) {
    if (value) localStorage.removeItem(OFF);
    else localStorage.setItem(OFF, "1");
  }

  get #kind(): "box" | "polygon" | null {
    const { tool, editable } = this.#pointer;
    return editable && (tool === "box" || tool === "polygon") ? tool : null;
  }

  /** Draw by keys: a cross that arrows move and Space sets down. */
  #cross(event: KeyboardEvent): boolean {
    const kind = this.#kind;
    if (kind === null) return false;
    const { columns, rows } = this.#display.frame;
    if (event.key === " " && this.#overlay.cross === null) {
      this.#put([Math.round(columns / 2), Math.round(rows / 2)]);
      this.#acts.say("Cross in the middle. Arrows move it, Space sets a corner, Enter closes the shape.");
      return true;
    }
    if (this.#overlay.cross === null) return false;
    const arrow = ARROWS[event.key];
    if (arrow !== undefined) {
      const pace = event.shiftKey ? 10 : 1;
      const [x, y] = this.#overlay.cross;
      this.#put(clamp([x + arrow[0] * pace, y + arrow[1] * pace], columns, rows));
      return true;
    }
    if (event.key !== " ") return false;
    const [x, y] = this.#overlay.cross;
    this.#pen.put(kind, this.#overlay.cross);
    if (this.#pen.drawing) this.#acts.say(`Corner ${this.#pen.count} at ${x}, ${y}.`);
    return true;
  }

  #put(place: Xy): void {
    this.#overlay.cross = place;
    this.#pen.follow(this.#pen.drawing ? place : null);
    this.#acts.say(`${place[0]}, ${place[1]}`);
  }

  #move(event: KeyboardEvent): boolean {
    const last = this.#display.series.frames.length - 1;
    const mark = this.#marks.current;
    const arrow = ARROWS[event.key];
    if (arrow !== undefined && event.shiftKey && mark !== null && this.#pointer.editable) {
      const points = moved(mark, this.#display.frame, arrow, this.#marks.corner);
      const corner = this.#marks.corner;
      this.#marks.change(mark.instance_uid, { points });
      this.#marks.setCorner(corner);
      return true;
    }
    switch (event.key) {
      case "ArrowUp": this.#display.step(-1); return true;
      case "ArrowDown": this.#display.step(1); return true;
      case "PageUp": this.#display.step(-10); return true;
      case "PageDown": this.#display.step(10); return true;
      case "Home": this.#display.show(0); return true;
      case "End": this.#display.show(last); return true;
      case "Enter": this.#pen.finish(); return true;
      case "Backspace": this.#pen.back(); return true;
      case "Escape": this.#escape(); return true;
      case "Delete": return this.#remove();
      default: return false;
    }
  }

  #single(event: KeyboardEvent): boolean {
    if (!Keys.on) return false;
    const digit = /^Digit([1-9])$/.exec(event.code)?.[1];
    if (digit !== undefined) return this.#instance(Number(digit), event.shiftKey);
    const key = event.key.toLowerCase();
    const tool = TOOLS[key];
    if (tool !== undefined) {
      this.#acts.tool(tool);
      return true;
    }
    switch (key) {
      case "f": this.#display.fit(); return true;
      case "+": case "=": this.#display.zoomBy(1.25, this.#middle()); return true;
      case "-": this.#display.zoomBy(0.8, this.#middle()); return true;
      case "u": if (this.#pointer.editable) this.#marks.undo(); return true;
      case "y": if (this.#pointer.editable) this.#marks.redo(); return true;
      case "n": this.#acts.nothing(); return true;
      case ",": return this.#corner(-1);
      case ".": return this.#corner(1);
      default: return false;
    }
  }

  #instance(number: number, hide: boolean): boolean {
    const mark = this.#marks.all[number - 1];
    if (mark === undefined) return false;
    if (hide) this.#marks.toggleHidden(mark.instance_uid);
    else this.#acts.goTo(mark.instance_uid);
    return true;
  }

  #corner(by: number): boolean {
    const mark = this.#marks.current;
    if (mark === null) return false;
    const count = mark.points.length;
    const next = ((this.#marks.corner ?? (by > 0 ? -1 : count)) + by + count) % count;
    this.#marks.setCorner(next);
    this.#acts.say(`Corner ${next + 1} of ${count} at ${mark.points[next]?.join(", ")}.`);
    return true;
  }

  #remove(): boolean {
    if (!this.#pointer.editable || this.#marks.selected === null) return false;
    this.#marks.remove(this.#marks.selected);
    this.#acts.say("Instance removed. U brings it back.");
    return true;
  }

  #escape(): void {
    if (this.#pen.drawing) this.#pen.giveUp();
    else if (this.#overlay.cross !== null) {
      this.#overlay.cross = null;
      this.#overlay.draw();
    } else this.#marks.select(null);
  }

  #middle(): Xy {
    const [a, , , d, e, f] = this.#display.matrix;
    const { columns, rows } = this.#display.frame;
    return [e + (a * columns) / 2, f + (d * rows) / 2];
  }
}
