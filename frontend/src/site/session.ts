/** The idle limit: counts down, asks two minutes before, covers the page at the end.
 *
 * The server alone decides when a session ends; this shows what it said and asks again.
 */

import { need } from "./dom.ts";
import { ask, csrfToken, getJson, Refused } from "./http.ts";

interface Status {
  readonly idle_seconds_left: number;
  readonly absolute_seconds_left: number;
}

const BEACON = 30_000; // at most one sign of life in this many milliseconds
const POLL = 60_000; // other windows of the same person move the limit too
const ACTS = ["pointerdown", "keydown", "wheel"] as const;

export function watchSession(body: HTMLElement): void {
  const { idleSeconds, warnSeconds, statusUrl, activityUrl, lockedUrl } = body.dataset;
  const dialog = document.querySelector<HTMLDialogElement>("#idle");
  if (!dialog || !idleSeconds || !warnSeconds || !statusUrl || !activityUrl || !lockedUrl) return;
  const urls = { status: statusUrl, activity: activityUrl, locked: lockedUrl };
  new Session(dialog, Number(idleSeconds), Number(warnSeconds), urls).start();
}

class Session {
  readonly #dialog: HTMLDialogElement;
  readonly #warn: number;
  readonly #urls: { readonly status: string; readonly activity: string; readonly locked: string };
  #ends: number;
  #told = performance.now();
  #asked = performance.now();
  #over = false;

  constructor(
    dialog: HTMLDialogElement,
    idle: number,
    warn: number,
    urls: { status: string; activity: string; locked: string },
  ) {
    this.#dialog = dialog;
    this.#warn = warn;
    this.#urls = urls;
    this.#ends = performance.now() + idle * 1000;
  }

  start(): void {
    for (const act of ACTS) {
      document.addEventListener(act, () => this.#acted(), { capture: true, passive: true });
    }
    need(this.#dialog, "[data-idle-stay]").addEventListener("click", () => void this.#stay());
    this.#dialog.addEventListener("cancel", (event) => {
      event.preventDefault(); // Escape means: I am here
      void this.#stay();
    });
    window.setInterval(() => void this.#tick(), 1000);
    void this.#poll();
  }

  get #left(): number {
    return Math.max(0, Math.ceil((this.#ends - performance.now()) / 1000));
  }

  /** A real act, not a poll: tell the server, but not more often than every half minute. */
  #acted(): void {
    if (this.#dialog.open || performance.now() - this.#told < BEACON) return;
    void this.#stay();
  }

  async #stay(): Promise<void> {
    this.#told = performance.now();
    try {
      const headers = { "X-CSRFToken": csrfToken(), Accept: "application/json" };
      const response = await ask(this.#urls.activity, { method: "POST", headers });
      this.#take((await response.json()) as Status);
    } catch (reason) {
      this.#failed(reason);
    }
  }

  async #poll(): Promise<void> {
    this.#asked = performance.now();
    try {
      this.#take(await getJson<Status>(this.#urls.status, { "X-Poll": "1" }));
    } catch (reason) {
      this.#failed(reason);
    }
  }

  #take(status: Status): void {
    const left = Math.min(status.idle_seconds_left, status.absolute_seconds_left);
    this.#ends = performance.now() + left * 1000;
    this.#show();
  }

  /** Without a connection the clock runs on: the page locks when its own count is over. */
  #failed(reason: unknown): void {
    if (reason instanceof Refused && (reason.status === 401 || reason.status === 403)) this.#end();
  }

  async #tick(): Promise<void> {
    if (this.#over) return;
    const pause = this.#left <= this.#warn ? 10_000 : POLL;
    if (performance.now() - this.#asked > pause || this.#left === 0) await this.#poll();
    if (this.#left === 0) this.#end();
    else this.#show();
  }

  #show(): void {
    if (this.#over) return;
    const left = this.#left;
    for (const place of document.querySelectorAll("[data-lock-countdown]")) {
      place.textContent = `Locks in ${minutes(left)}`;
    }
    if (left > this.#warn) {
      if (this.#dialog.open) this.#dialog.close();
      return;
    }
    need(this.#dialog, "[data-idle-left]").textContent = minutes(left);
    need<HTMLProgressElement>(this.#dialog, "[data-idle-bar]").value = left;
    if (!this.#dialog.open) {
      this.#dialog.showModal();
      need<HTMLElement>(this.#dialog, "[data-idle-stay]").focus();
    }
  }

  /** Take everything off this screen, then go where one signs in again. */
  #end(): void {
    if (this.#over) return;
    this.#over = true;
    document.dispatchEvent(new Event("session:end"));
    document.body.replaceChildren();
    window.location.replace(this.#urls.locked);
  }
}

/** Print seconds as minutes and seconds, "1:05". */
export function minutes(seconds: number): string {
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}
