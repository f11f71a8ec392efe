/**
 * One verification under way: what the user gave, how far it is, and whether to stop.
 *
 * @typedef {import("./bytes.js").Bytes} Bytes
 * @typedef {{phase: string, done: number, total: number, entries: number, entriesTotal: number, counts: {[name: string]: number}}} Progress
 */

const SLICE_MS = 30;

export class Stopped extends Error {}

/** Keeps the page alive: long loops await `step` or `pause`, which hand over every 30 ms. */
export class Run {
  /**
   * @param {(progress: Progress) => void} [onProgress]
   * @param {AbortSignal} [signal]
   */
  constructor(onProgress = () => {}, signal = new AbortController().signal) {
    this.onProgress = onProgress;
    this.signal = signal;
    /** @type {Progress} */
    this.progress = { phase: "", done: 0, total: 0, entries: 0, entriesTotal: 0, counts: {} };
    this.since = performance.now();
    this.started = this.since;
  }

  /** @param {string} phase @param {number} total */
  begin(phase, total) {
    this.onProgress(this.progress);
    Object.assign(this.progress, { phase, done: 0, total });
    this.onProgress(this.progress);
  }

  /** @param {string} name of what is counted @param {number} [by] */
  count(name, by = 1) {
    this.progress.counts[name] = (this.progress.counts[name] ?? 0) + by;
  }

  /** @returns {Promise<void>} one more of this phase is done */
  async step() {
    this.progress.done++;
    await this.pause();
  }

  /** @returns {Promise<void>} @throws {Stopped} where the user stopped it */
  async pause() {
    if (performance.now() - this.since < SLICE_MS) return;
    this.onProgress(this.progress);
    await handOver();
    this.since = performance.now();
    if (this.signal.aborted) throw new Stopped("stopped");
  }

  /** @returns {number} seconds since it began, to the millisecond */
  get seconds() {
    return Math.round(performance.now() - this.started) / 1000;
  }
}

/** @returns {Promise<void>} after the page has had a turn; unlike a timer, without a delay */
function handOver() {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(null);
  });
}
