/** Handing work in: submit and seal, or a reviewer's decision; and what to do when it is refused. */

import { h, need } from "../site/dom.ts";
import { Offline, Refused, getJson, sendJson } from "../site/http.ts";
import { type Marks, changesSealed, sameContent } from "./marks.ts";
import type { Decision } from "./decision.ts";
import type { Draft } from "./draft.ts";
import type { Decided, Item, Mark, Viewed } from "./types.ts";

/** What handing in needs to know of the page. */
export interface Desk {
  readonly item: Item;
  readonly itemUrl: string;
  readonly marks: Marks;
  readonly draft: Draft | null;
  readonly viewed: () => Viewed;
  /** How many slices were never on screen. */
  readonly unseen: () => number;
  readonly leave: (url: string) => void;
}

export class HandIn {
  readonly #desk: Desk;
  readonly #seal = need<HTMLDialogElement>(document, "#seal");
  readonly #changed = need<HTMLDialogElement>(document, "#changed");
  #nothing = false;
  #busy = false;

  constructor(desk: Desk) {
    this.#desk = desk;
    need(this.#seal, "form").addEventListener("submit", (event) => {
      event.preventDefault();
      void this.#submit();
    });
    need(this.#changed, '[data-el="changed-reload"]').addEventListener("click", () => {
      desk.draft?.close();
      window.location.reload();
    });
  }

  /** Seal at once; ask first only where a reason is owed or slices were not seen. */
  submit(): void {
    this.#nothing = false;
    if (this.#needsReason() || this.#desk.unseen() > 0) this.ask(false);
    else void this.#submit();
  }

  /** Ask before sealing; a reason is asked only where sealed marks change. */
  ask(nothing: boolean, fault = ""): void {
    const { item, marks, unseen } = this.#desk;
    this.#nothing = nothing;
    const left = unseen();
    const seen = left === 0 ? "" : left === 1 ? " 1 slice was not on screen." : ` ${left} slices were not on screen.`;
    const count = marks.all.length;
    const drawn = count === 1 ? "1 instance is" : `${count} instances are`;
    const removed = item.annotations.length > 0 ? " What was sealed before stays on record." : "";
    this.#text("seal-title", nothing ? "Nothing to mark on this image?" : "Submit and seal");
    this.#text(
      "seal-says",
      nothing
        ? `You confirm that you looked and that nothing in the protocol's labels is to be marked.${seen}${removed}`
        : `${drawn} sealed as a revision with your name and the time.${seen}${removed}`,
    );
    this.#text("seal-go", nothing ? "Confirm: nothing to mark" : "Submit and seal");
    need<HTMLElement>(this.#seal, '[data-el="seal-why"]').hidden = !this.#needsReason();
    this.#seal.showModal();
    this.#fault(fault);
    if (!this.#needsReason()) need<HTMLElement>(this.#seal, '[data-el="seal-go"]').focus();
  }

  #needsReason(): boolean {
    const { item, marks } = this.#desk;
    return changesSealed(item.annotations, this.#nothing ? [] : marks.all);
  }

  async #submit(): Promise<void> {
    const { item, marks, viewed } = this.#desk;
    const reason = need<HTMLTextAreaElement>(this.#seal, "#seal-reason").value.trim();
    if (this.#needsReason() && reason === "") {
      this.#fault("Say why: a sealed mark changes only with a reason.");
      need<HTMLElement>(this.#seal, "#seal-reason").focus();
      return;
    }
    const body = {
      version: item.version,
      annotations: this.#nothing ? [] : marks.all,
      nothing_to_mark: this.#nothing,
      viewed: viewed(),
      reason: reason === "" ? null : reason,
    };
    await this.#send(item.urls.submit, body, (message) => this.#fault(message));
  }

  /** Record a reviewer's decision, then go where it is signed. */
  async decide(decision: Decision, reason: string, fault: (message: string) => void): Promise<void> {
    const { item, marks, viewed } = this.#desk;
    const body = {
      version: item.version,
      decision,
      reason,
      viewed: viewed(),
      ...(decision === "correct" ? { annotations: marks.all } : {}),
    };
    await this.#send(item.urls.review, body, fault);
  }

  async #send(url: string | null, body: unknown, fault: (message: string) => void): Promise<void> {
    if (this.#busy || url === null) return;
    this.#busy = true;
    const { draft, item, leave } = this.#desk;
    try {
      const done = await sendJson<Decided>("POST", url, body);
      draft?.close();
      leave(done.sign_url ?? done.next_url ?? item.urls.back);
    } catch (reason) {
      if (reason instanceof Refused && reason.status === 409) await this.#showChanged(reason.message);
      else if (reason instanceof Offline) fault("No connection: nothing was sent. Your work stays here; try again.");
      else if (reason instanceof Error) fault(reason.message);
    } finally {
      this.#busy = false;
    }
  }

  /** Side by side: what the server holds now and what is drawn here. */
  async #showChanged(message: string): Promise<void> {
    const { item, itemUrl, marks } = this.#desk;
    this.#seal.close();
    need(this.#changed, '[data-el="changed-says"]').textContent = message;
    const rows = need(this.#changed, '[data-el="changed-rows"]');
    try {
      const now = await getJson<Item>(itemUrl);
      rows.replaceChildren(
        h("tr", {}, h("th", { scope: "row" }, "Item"), h("td", {}, standing(now)), h("td", {}, `${standing(item)}, opened by you`)),
        ...compare(now.annotations, marks.all),
      );
    } catch {
      rows.replaceChildren(h("tr", {}, h("td", { colspan: 3 }, "The newer version could not be loaded.")));
    }
    this.#changed.showModal();
  }

  #text(name: string, text: string): void {
    const element = this.#seal.querySelector(`[data-el="${name}"], #${name}`);
    if (element !== null) element.textContent = text;
  }

  #fault(message: string): void {
    const line = need<HTMLElement>(this.#seal, '[data-el="seal-fault"]');
    line.hidden = message === "";
    line.textContent = message;
    if (message !== "" && !this.#seal.open) this.ask(this.#nothing, message);
  }
}

function standing(item: Item): string {
  return `Version ${item.version}, ${item.state.replaceAll("_", " ")}`;
}

function compare(theirs: readonly Mark[], mine: readonly Mark[]): HTMLTableRowElement[] {
  const uids = [...new Set([...theirs, ...mine].map((mark) => mark.instance_uid))];
  return uids.map((uid) => {
    const there = theirs.find((mark) => mark.instance_uid === uid);
    const here = mine.find((mark) => mark.instance_uid === uid);
    const same = there !== undefined && here !== undefined && sameContent([there], [here]);
    return h(
      "tr", {},
      h("th", { scope: "row" }, (here ?? there)?.tracking_id ?? uid),
      h("td", {}, describe(there)),
      h("td", {}, same ? "the same" : describe(here)),
    );
  });
}

function describe(mark: Mark | undefined): string {
  if (mark === undefined) return "not there";
  const shape = mark.kind === "box" ? "box" : `polygon, ${mark.points.length} points`;
  return mark.revision === null ? `${shape}, draft` : `${shape}, revision ${mark.revision}`;
}
