/** Puts the reading room together: image, marks, tools, draft and handing in. */

import { need } from "../site/dom.ts";
import { Display } from "./display.ts";
import { Draft, words } from "./draft.ts";
import { HandIn } from "./hand_in.ts";
import { Hud } from "./hud.ts";
import { Keys } from "./keys.ts";
import { Marks } from "./marks.ts";
import { Overlay } from "./overlay.ts";
import { Panel } from "./panel.ts";
import { Pen } from "./pen.ts";
import { Pointer } from "./pointer.ts";
import { Room, closers } from "./room.ts";
import { Seen } from "./viewed.ts";
import { review } from "./verdict.ts";
import { presets } from "./windows.ts";
import type { Frames } from "./frames.ts";
import type { Item, Kind, Label, Mark, Series, Tool } from "./types.ts";

export interface Opening {
  readonly root: HTMLElement;
  readonly item: Item;
  readonly itemUrl: string;
  readonly series: Series;
  readonly frames: Frames;
  readonly marks: readonly Mark[];
  readonly first: number;
}

const WHOLE = { name: "Whole range", centre: 127.5, width: 256 };

/** Show the first slice and make everything around it work. */
export async function open(opening: Opening): Promise<void> {
  const application = new Application(opening);
  await application.open();
}

class Application {
  readonly #at: Opening;
  readonly #room: Room;
  readonly #marks: Marks;
  readonly #display: Display;
  readonly #overlay: Overlay;
  readonly #pen: Pen;
  readonly #pointer: Pointer;
  readonly #hud: Hud;
  readonly #panel: Panel;
  readonly #seen = new Seen();
  readonly #draft: Draft | null;
  readonly #handIn: HandIn;

  constructor(at: Opening) {
    this.#at = at;
    const { root, item, series, frames } = at;
    this.#room = new Room(root);
    this.#marks = new Marks(at.marks);
    const stage = this.#room.el("stage");
    const canvas = this.#room.el<HTMLDivElement>("canvas");
    this.#display = new Display(canvas, series, frames, presets(series)[0] ?? WHOLE);
    const overlay = need<SVGSVGElement>(root, '[data-el="overlay"]');
    this.#overlay = new Overlay(overlay, this.#display, this.#marks, item.labels);
    this.#pen = new Pen(this.#display, this.#marks, this.#overlay, firstLabel(item));
    this.#pointer = new Pointer(stage, this.#display, this.#marks, this.#overlay, this.#pen);
    this.#hud = new Hud(root, this.#display, this.#marks, item.labels);
    this.#panel = new Panel(root, this.#marks, item.labels, series, {
      goTo: (uid) => this.#goTo(uid),
      colour: (mark) => this.#overlay.colour(mark),
      say: (said) => this.#room.say(said),
    });
    this.#draft = this.#makeDraft();
    this.#handIn = new HandIn({
      item,
      itemUrl: at.itemUrl,
      marks: this.#marks,
      draft: this.#draft,
      viewed: () => this.#seen.state(this.#display),
      unseen: () => series.frames.length - this.#seen.count,
      leave: (url) => {
        this.#display.clear();
        window.location.assign(url);
      },
    });
  }

  async open(): Promise<void> {
    const { root, item, series, frames, first } = this.#at;
    this.#room.introduce(item, series);
    this.#connect();
    root.dataset["mode"] = item.mode;
    this.#display.onDrawn = () => this.#drawn();
    this.#display.onFailed = () =>
      this.#room.status("This slice could not be loaded; look again to retry", "warn");
    frames.onProgress = (loaded) => this.#room.showLoading(loaded, frames.count);
    await this.#display.open(first);
    this.#room.showTool("select");
    this.#setEditable(item.mode === "annotate");
    if (item.mode === "review") {
      review(this.#room, item, this.#marks, this.#handIn, (on) => this.#setEditable(on));
    }
    this.#room.opened();
    this.#changed();
    this.#room.el("stage").focus();
    frames.prefetch();
  }

  #connect(): void {
    const { item, series } = this.#at;
    const stage = this.#room.el("stage");
    const windows = presets(series);
    this.#marks.on(() => this.#changed());
    this.#pen.onSaid = (said) => this.#room.say(said);
    this.#pointer.onPlace = (place) => this.#hud.follow(place);
    this.#room.labels(item.labels, (label) => this.#choose(label));
    this.#room.windows(windows, (window) => this.#display.setWindow(window));
    this.#room.tools((tool) => this.#tool(tool), {
      fit: () => this.#display.fit(),
      undo: () => this.#marks.undo(),
      redo: () => this.#marks.redo(),
      nothing: () => this.#nothing(),
      keys: () => need<HTMLDialogElement>(document, "#keys").showModal(),
    });
    const parts = {
      display: this.#display,
      marks: this.#marks,
      overlay: this.#overlay,
      pen: this.#pen,
      pointer: this.#pointer,
    };
    new Keys(stage, parts, {
      tool: (tool) => this.#tool(tool),
      nothing: () => this.#nothing(),
      say: (said) => this.#room.say(said),
      goTo: (uid) => this.#goTo(uid),
    });
    this.#room.el("submit").addEventListener("click", () => this.#submit());
    document.addEventListener("keydown", (event) => this.#anywhere(event));
    document.addEventListener("session:end", () => {
      this.#draft?.close();
      this.#display.clear();
    });
    closers();
    const single = need<HTMLInputElement>(document, "#single-keys");
    single.checked = Keys.on;
    single.addEventListener("change", () => (Keys.on = single.checked));
  }

  /** Keys that act wherever the focus is. */
  #anywhere(event: KeyboardEvent): void {
    if (document.querySelector("dialog[open]") !== null) return;
    if (event.key === "F1") {
      event.preventDefault();
      need<HTMLDialogElement>(document, "#keys").showModal();
    } else if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      if (this.#at.item.mode === "review") this.#room.el<HTMLFormElement>("review-form").requestSubmit();
      else this.#submit();
    }
  }

  #makeDraft(): Draft | null {
    const { item } = this.#at;
    if (item.urls.draft === null) return null;
    const draft = new Draft(
      item.urls.draft,
      () => ({
        edition: this.#marks.edition,
        annotations: this.#marks.all,
        viewed: this.#seen.state(this.#display),
      }),
      item.draft?.saved_at ?? null,
    );
    draft.onState = () => this.#showDraft(draft);
    this.#showDraft(draft);
    return draft;
  }

  #showDraft(draft: Draft): void {
    const { state } = draft;
    const kind = { saved: "ok", offline: "warn", refused: "warn" }[state.kind as string] ?? "";
    this.#room.status(words(state), kind);
    this.#at.root.dataset["saved"] = state.kind === "saved" && !draft.dirty ? state.at.toISOString() : "";
    this.#at.root.dataset["draft"] = state.kind;
  }

  #setEditable(on: boolean): void {
    this.#pointer.editable = this.#panel.editable = on;
    this.#room.el("drawing").hidden = !on;
    this.#room.el("draw-as").hidden = !on;
    if (!on) this.#tool("select");
    this.#panel.draw(this.#none());
  }

  #tool(tool: Tool): void {
    const draws = tool === "box" || tool === "polygon";
    if (draws && !this.#pointer.editable) return;
    this.#pen.giveUp();
    this.#overlay.cross = null;
    if (draws) this.#fitLabel(tool);
    this.#pointer.tool = tool;
    this.#room.showTool(tool);
    if (document.activeElement?.closest(".rail") === null) this.#room.el("stage").focus();
  }

  /** A label that this tool may not draw gives way to the first that it may. */
  #fitLabel(kind: Kind): void {
    if (this.#pen.label.kinds.includes(kind)) return;
    const label = this.#at.item.labels.find((other) => other.kinds.includes(kind));
    if (label !== undefined) this.#choose(label);
  }

  #choose(label: Label): void {
    this.#pen.label = label;
    need<HTMLSelectElement>(this.#at.root, "#label-new").value = label.value;
    const { tool } = this.#pointer;
    if ((tool === "box" || tool === "polygon") && !label.kinds.includes(tool)) {
      this.#tool(label.kinds[0] ?? "select");
    }
  }

  #goTo(uid: string): void {
    this.#marks.select(uid);
    const mark = this.#marks.current;
    const at = this.#at.series.frames.findIndex(
      (frame) => frame.instance === mark?.instance && frame.frame === mark.frame,
    );
    if (at >= 0) this.#display.show(at);
  }

  #nothing(): void {
    if (this.#at.item.urls.submit === null) return;
    if (this.#marks.all.length > 0) {
      this.#room.say("Instances are drawn: remove them first, then say that there is nothing to mark.");
      this.#room.status("Instances are drawn; remove them before saying there is nothing to mark", "warn");
      return;
    }
    this.#handIn.ask(true);
  }

  #submit(): void {
    if (this.#at.item.urls.submit === null) return;
    if (this.#marks.all.length === 0) this.#nothing();
    else if (!this.#pen.drawing) this.#handIn.submit();
    else this.#room.say("A shape is still open: close it with Enter, or give it up with Escape.");
  }

  /** After each picture. */
  #drawn(): void {
    const { root, series } = this.#at;
    const { index } = this.#display;
    if (root.dataset["slice"] !== String(index + 1)) {
      this.#pen.giveUp();
      this.#seen.add(index);
      root.dataset["slice"] = String(index + 1);
      root.dataset["slices"] = String(series.frames.length);
      this.#check();
    }
    this.#overlay.draw();
    this.#hud.draw();
    this.#room.showWindow(presets(series), this.#display.window);
    root.dataset["zoom"] = this.#display.zoom.toFixed(3);
  }

  /** After each change of the marks. */
  #changed(): void {
    this.#overlay.draw();
    this.#hud.draw();
    this.#panel.draw(this.#none());
    this.#room.showHistory(this.#marks);
    this.#at.root.dataset["marks"] = String(this.#marks.all.length);
        this.#draft?.touch();
    this.#check();
  }

  #check(): void {
    const count = this.#at.series.frames.length;
    const seen = this.#seen.count;
    const drawn = this.#marks.all.length > 0;
    const word = this.#at.series.is_volume ? "slices" : "images";
    const all = count === 1 ? "The image was seen" : `All ${count} ${word} seen`;
    this.#room.checks([
      { done: seen === count, text: seen === count ? all : `${seen} of ${count} ${word} seen` },
      { done: drawn, text: drawn ? "Every instance has its label" : "Nothing drawn: draw, or say that there is nothing to mark" },
    ]);
    this.#room.el("submit").setAttribute("aria-disabled", String(!drawn));
  }

  #none(): string {
    const { item } = this.#at;
    if (item.nothing_to_mark) return "Confirmed: nothing to mark on this image.";
    return this.#pointer.editable ? "None yet. Choose a tool and click on the image." : "None drawn.";
  }
}

/** The first label; a protocol always has one. */
function firstLabel(item: Item): Label {
  const [label] = item.labels;
  if (label === undefined) throw new Error("The protocol has no label.");
  return label;
}
