/** Fetches the frames of a series: what is looked at first, its neighbours next, few at a time. */

export type Fetch = (index: number) => Promise<ArrayBuffer>;

interface Wanted {
  readonly promise: Promise<ArrayBuffer>;
  readonly resolve: (bytes: ArrayBuffer) => void;
  readonly reject: (reason: unknown) => void;
}

/** Order the indices 0…count-1 by distance from `centre`, the later neighbour first. */
export function nearestFirst(centre: number, count: number): number[] {
  return Array.from({ length: count }, (_, index) => index).sort(
    (a, b) => Math.abs(a - centre) - Math.abs(b - centre) || b - a,
  );
}

export class Frames {
  readonly count: number;
  readonly #fetch: Fetch;
  readonly #parallel: number;
  readonly #budget: number;
  readonly #kept = new Map<number, ArrayBuffer>();
  readonly #waiting = new Map<number, Wanted>();
  readonly #running = new Set<number>();
  readonly #failed = new Set<number>();
  #centre = 0;
  #ahead = false;
  #bytes = 0;
  onProgress: (loaded: number) => void = () => undefined;

  /** Keep at most `budget` bytes; fetch at most `parallel` frames at once. */
  constructor(count: number, fetch: Fetch, parallel = 4, budget = 512 * 2 ** 20) {
    this.count = count;
    this.#fetch = fetch;
    this.#parallel = parallel;
    this.#budget = budget;
  }

  get loaded(): number {
    return this.#kept.size;
  }

  /** Return the bytes of one frame, asked for before all others. */
  get(index: number): Promise<ArrayBuffer> {
    this.#centre = index;
    const kept = this.#kept.get(index);
    if (kept !== undefined) {
      this.#go();
      return Promise.resolve(kept);
    }
    const wanted = this.#waiting.get(index) ?? this.#want(index);
    this.#failed.delete(index);
    this.#go();
    return wanted.promise;
  }

  /** From now on also fetch what nobody asked for yet, nearest to the last asked first. */
  prefetch(): void {
    this.#ahead = true;
    this.#go();
  }

  /** Forget every pixel, and fetch no more ahead. */
  clear(): void {
    this.#ahead = false;
    this.#kept.clear();
    this.#bytes = 0;
  }

  #want(index: number): Wanted {
    const { promise, resolve, reject } = Promise.withResolvers<ArrayBuffer>();
    const wanted = { promise, resolve, reject };
    this.#waiting.set(index, wanted);
    return wanted;
  }

  #next(): number | undefined {
    const free = (index: number) => !this.#running.has(index) && !this.#failed.has(index);
    const asked = [...this.#waiting.keys()].filter(free);
    if (asked.length > 0) return asked.at(-1); // the last asked is what the eye is on
    if (!this.#ahead || this.#bytes >= this.#budget) return undefined;
    return nearestFirst(this.#centre, this.count).find(
      (index) => free(index) && !this.#kept.has(index),
    );
  }

  #go(): void {
    while (this.#running.size < this.#parallel) {
      const index = this.#next();
      if (index === undefined) return;
      this.#running.add(index);
      void this.#run(index);
    }
  }

  async #run(index: number): Promise<void> {
    try {
      const bytes = await this.#fetch(index);
      this.#keep(index, bytes);
      this.#waiting.get(index)?.resolve(bytes);
    } catch (reason) {
      this.#failed.add(index); // asked for again only when somebody looks there
      this.#waiting.get(index)?.reject(reason);
    }
    this.#waiting.delete(index);
    this.#running.delete(index);
    this.onProgress(this.#kept.size);
    this.#go();
  }

  #keep(index: number, bytes: ArrayBuffer): void {
    this.#kept.set(index, bytes);
    this.#bytes += bytes.byteLength;
    const farthestFirst = nearestFirst(this.#centre, this.count).reverse();
    for (const far of farthestFirst) {
      if (this.#bytes <= this.#budget || far === this.#centre) return;
      this.#bytes -= this.#kept.get(far)?.byteLength ?? 0;
      this.#kept.delete(far);
    }
  }
}
