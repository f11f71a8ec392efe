/** Keeps what is drawn on the server while it is drawn, and says honestly whether it is kept. */

import { clock } from "../site/dom.ts";
import { Offline, Refused, sendJson } from "../site/http.ts";
import type { Mark, Saved, Viewed } from "./types.ts";

const PAUSE = 1000; // milliseconds of quiet before saving
const AGAIN = 8000; // milliseconds until the next try without a connection

export type DraftState =
  | { readonly kind: "untouched" }
  | { readonly kind: "pending" }
  | { readonly kind: "saving" }
  | { readonly kind: "saved"; readonly at: Date }
  | { readonly kind: "offline"; readonly since: Date; readonly changes: number }
  | { readonly kind: "refused"; readonly message: string };

interface Content {
  readonly edition: number;
  readonly annotations: readonly Mark[];
  readonly viewed: Viewed;
}

export class Draft {
  readonly #url: string;
  readonly #content: () => Content;
  #timer: number | undefined;
  #saving = false;
  #kept: number;
  #since: Date | null = null;
  #closed = false;
  state: DraftState;
  onState: (state: DraftState) => void = () => undefined;

  constructor(url: string, content: () => Content, savedAt: string | null) {
    this.#url = url;
    this.#content = content;
    this.#kept = content().edition;
    this.state = savedAt === null ? { kind: "untouched" } : { kind: "saved", at: new Date(savedAt) };
    window.addEventListener("online", () => void this.flush());
    window.addEventListener("beforeunload", (event) => {
      if (this.dirty) event.preventDefault();
    });
  }

  /** Whether something drawn here is not yet confirmed by the server. */
  get dirty(): boolean {
    return !this.#closed && this.#content().edition !== this.#kept;
  }

  /** Save soon: after a moment without further changes. */
  touch(): void {
    if (!this.dirty) return;
    if (this.#since === null) this.#say({ kind: "pending" });
    this.#later(PAUSE);
  }

  /** Save now what is not saved; returns whether everything is kept. */
  async flush(): Promise<boolean> {
    window.clearTimeout(this.#timer);
    if (this.#saving) return false;
    if (!this.dirty) return true;
    this.#saving = true;
    const { edition, annotations, viewed } = this.#content();
    try {
      if (this.#since === null) this.#say({ kind: "saving" });
      const saved = await sendJson<Saved>("PUT", this.#url, { annotations, viewed });
      this.#kept = edition;
      this.#since = null;
      this.#say({ kind: "saved", at: new Date(saved.saved_at) });
    } catch (reason) {
      this.#failed(reason);
    } finally {
      this.#saving = false;
    }
    if (this.dirty && this.state.kind === "saved") this.#later(PAUSE);
    return !this.dirty;
  }

  /** Save no more: the reading was handed in, or the session is over. */
  close(): void {
    this.#closed = true;
    window.clearTimeout(this.#timer);
  }

  #failed(reason: unknown): void {
    if (reason instanceof Offline || (reason instanceof Refused && reason.status >= 500)) {
      this.#since ??= new Date();
      const changes = this.#content().edition - this.#kept;
      this.#say({ kind: "offline", since: this.#since, changes });
      this.#later(AGAIN);
      return;
    }
    const message = reason instanceof Error ? reason.message : String(reason);
    this.#say({ kind: "refused", message });
  }

  #later(milliseconds: number): void {
    window.clearTimeout(this.#timer);
    if (!this.#closed) this.#timer = window.setTimeout(() => void this.flush(), milliseconds);
  }

  #say(state: DraftState): void {
    this.state = state;
    this.onState(state);
  }
}

/** Put a state of the draft into words. */
export function words(state: DraftState): string {
  switch (state.kind) {
    case "untouched":
      return "";
    case "pending":
      return "Draft not saved yet";
    case "saving":
      return "Saving the draft";
    case "saved":
      return `Draft saved ${clock(state.at)}`;
    case "offline": {
      const changes = state.changes === 1 ? "1 change is" : `${state.changes} changes are`;
      return `No connection since ${clock(state.since)}. ${changes} kept in this page only: leave it open`;
    }
    case "refused":
      return `Draft not saved: ${state.message}`;
  }
}
