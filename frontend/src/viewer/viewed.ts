/** How the image was looked at: which slices were on screen and for how long. */

import type { Display } from "./display.ts";
import { decimal } from "./geometry.ts";
import type { Viewed } from "./types.ts";

export class Seen {
  readonly #frames = new Set<number>();
  #spent = 0;
  #since: number | null = null;

  constructor() {
    const watch = () => this.#watch(document.visibilityState === "visible");
    document.addEventListener("visibilitychange", watch);
    watch();
  }

  get count(): number {
    return this.#frames.size;
  }

  /** Note that the slice with this index, from 0, is on screen. */
  add(index: number): void {
    this.#frames.add(index);
  }

  /** State it for the record, which counts the frames of a series from 0 as its API does. */
  state(display: Display): Viewed {
    return {
      window: [decimal(display.window.centre), decimal(display.window.width)],
      zoom: decimal(display.zoom),
      frames_seen: [...this.#frames].sort((a, b) => a - b),
      milliseconds: Math.round(this.#spent + this.#running()),
    };
  }

  #running(): number {
    return this.#since === null ? 0 : performance.now() - this.#since;
  }

  #watch(visible: boolean): void {
    this.#spent += this.#running();
    this.#since = visible ? performance.now() : null;
  }
}
