/** The image on screen: a Cornerstone3D stack viewport fed with pixels that the server decoded.
 *
 * No DICOM header reaches the browser. Pixels arrive as modality values, so slope 1 and intercept 0.
 */

import {
  Enums,
  RenderingEngine,
  type StackViewport,
  type Types,
  cache,
  imageLoader,
  init,
  metaData,
  setUseCPURendering,
  utilities,
} from "@cornerstonejs/core";

import { type Matrix, type Xy, apply, invert, through } from "./geometry.ts";
import { type Window } from "./windows.ts";
import type { Frames } from "./frames.ts";
import { facts, makeImage } from "./images.ts";
import type { Frame, Series } from "./types.ts";

const SCHEME = "frame";
const VIEWPORT = "reading";

function imageId(index: number): string {
  return `${SCHEME}:${index}`;
}

function indexOf(id: string): number {
  return Number(id.slice(SCHEME.length + 1));
}

/** Say whether this browser can draw with WebGL 2; without it Cornerstone paints by CPU. */
export function hasWebGl(): boolean {
  return document.createElement("canvas").getContext("webgl2") !== null;
}

export class Display {
  readonly series: Series;
  readonly #element: HTMLDivElement;
  readonly #frames: Frames;
  readonly #byCpu: boolean;
  #engine: RenderingEngine | null = null;
  #wanted = 0;
  #busy = false;
  #matrix: Matrix = [1, 0, 0, 1, 0, 0];
  window: Window;
  /** Called after each picture: the slice, the zoom or the window may have changed. */
  onDrawn: () => void = () => undefined;
  onFailed: (reason: unknown) => void = () => undefined;

  constructor(element: HTMLDivElement, series: Series, frames: Frames, window: Window) {
    this.#element = element;
    this.series = series;
    this.#frames = frames;
    this.window = window;
    this.#byCpu = !hasWebGl();
  }

  async open(index: number): Promise<void> {
    if (this.#byCpu) setUseCPURendering(true);
    init();
    imageLoader.registerImageLoader(SCHEME, (id) => ({ promise: this.#load(id) }));
    metaData.addProvider((type: string, id: unknown) => this.#facts(type, id), 10_000);
    this.#engine = new RenderingEngine("reading-room");
    this.#engine.enableElement({
      viewportId: VIEWPORT,
      element: this.#element,
      type: Enums.ViewportType.STACK,
    });
    this.#element.addEventListener(Enums.Events.IMAGE_RENDERED, () => this.#drawn());
    this.#wanted = index;
    await this.#viewport.setStack(this.series.frames.map((_, i) => imageId(i)), index);
    this.setWindow(this.window);
    new ResizeObserver(() => this.#engine?.resize(true, true)).observe(this.#element);
  }

  get index(): number {
    return this.#viewport.getCurrentImageIdIndex();
  }

  get frame(): Frame {
    const frame = this.series.frames[this.index];
    if (frame === undefined) throw new RangeError("There is no such slice.");
    return frame;
  }

  /** From image pixels (corner origin) to CSS pixels of the viewport. */
  get matrix(): Matrix {
    return this.#matrix;
  }

  /** CSS pixels on screen for one image pixel, along a row. */
  get zoom(): number {
    return Math.hypot(this.#matrix[0], this.#matrix[1]);
  }

  toImage(place: Xy): Xy {
    return apply(invert(this.#matrix), place);
  }

  /** Show another slice; while one is on its way, only the latest wish is remembered. */
  show(index: number): void {
    this.#wanted = Math.min(Math.max(index, 0), this.series.frames.length - 1);
    void this.#catchUp();
  }

  step(by: number): void {
    this.show(this.#wanted + by);
  }

  setWindow(window: Window): void {
    this.window = { ...window, width: Math.max(window.width, 1) };
    this.#window();
    this.#viewport.render();
  }

  panBy([dx, dy]: Xy): void {
    const viewport = this.#viewport;
    if (this.#byCpu) {
      // Its setPan() takes world coordinates; moving the focal point does the same as WebGL's.
      const middle = [this.#element.clientWidth / 2 - dx, this.#element.clientHeight / 2 - dy];
      const focalPoint = viewport.canvasToWorld(middle as Types.Point2);
      viewport.setCamera({ ...viewport.getCamera(), focalPoint });
    } else {
      const [x, y] = viewport.getPan();
      viewport.setPan([x + dx, y + dy]);
    }
    viewport.render();
  }

  /** Magnify by `factor`; the place under `at` (CSS pixels) stays where it is. */
  zoomBy(factor: number, at: Xy): void {
    const target = Math.min(Math.max(this.zoom * factor, 0.1), 64) / this.zoom;
    const held = this.toImage(at);
    this.#viewport.setZoom(this.#viewport.getZoom() * target);
    this.#measure();
    const [x, y] = apply(this.#matrix, held);
    this.panBy([at[0] - x, at[1] - y]);
  }

  fit(): void {
    this.#viewport.resetCamera();
    this.#viewport.render();
  }

  /** Take every pixel off this screen and out of memory. */
  clear(): void {
    this.#frames.clear();
    this.#engine?.destroy();
    this.#engine = null;
    cache.purgeCache();
  }

  get #viewport(): StackViewport {
    if (this.#engine === null) throw new Error("The display is closed.");
    return this.#engine.getViewport(VIEWPORT) as StackViewport;
  }

  async #catchUp(): Promise<void> {
    if (this.#busy) return;
    this.#busy = true;
    try {
      while (this.#engine !== null && this.#wanted !== this.index) {
        await this.#viewport.setImageIdIndex(this.#wanted);
      }
    } catch (reason) {
      this.#wanted = this.index;
      this.onFailed(reason);
    } finally {
      this.#busy = false;
    }
  }

  #window(): void {
    if (this.series.samples === 3) return;
    const { lower, upper } = utilities.windowLevel.toLowHighRange(
      this.window.width,
      this.window.centre,
      Enums.VOILUTFunctionType.LINEAR,
    );
    this.#viewport.setProperties({ voiRange: { lower, upper }, invert: this.series.inverted });
  }

  #drawn(): void {
    this.#measure();
    this.onDrawn();
  }

  /** Ask Cornerstone where three pixel corners are.
   *
   * In its world the WebGL picture has index 0 at the centre of the first pixel; the CPU picture
   * has it at the corner. The record counts from the corner, so the two differ by half a pixel.
   */
  #measure(): void {
    const data = this.#viewport.getImageData();
    if (data === undefined) return;
    const { origin, direction, spacing } = data;
    const shift = this.#byCpu ? 0 : 0.5;
    const place = (x: number, y: number): Xy => {
      const world = [0, 1, 2].map(
        (i) =>
          (origin[i] ?? 0) +
          (x - shift) * spacing[0] * (direction[i] ?? 0) +
          (y - shift) * spacing[1] * (direction[i + 3] ?? 0),
      ) as Types.Point3;
      return this.#viewport.worldToCanvas(world);
    };
    this.#matrix = through(place(0, 0), place(1, 0), place(0, 1));
  }

  async #load(id: string): Promise<Types.IImage> {
    const frame = this.series.frames[indexOf(id)];
    if (frame === undefined) throw new RangeError("There is no such slice.");
    return makeImage(id, frame, this.series, await this.#frames.get(frame.index));
  }

  #facts(type: string, id: unknown): unknown {
    if (typeof id !== "string" || !id.startsWith(`${SCHEME}:`)) return undefined;
    const frame = this.series.frames[indexOf(id)];
    return frame === undefined ? undefined : facts(type, frame, this.series);
  }
}
