/** The furniture of the room around the image: tools, windows, checks, series, dialogs. */

import { h, icon, need } from "../site/dom.ts";
import type { Marks } from "./marks.ts";
import type { Item, Label, Series, Tool } from "./types.ts";
import type { Window } from "./windows.ts";

export class Room {
  readonly root: HTMLElement;

  constructor(root: HTMLElement) {
    this.root = root;
  }

  el<T extends HTMLElement = HTMLElement>(name: string): T {
    return need<T>(this.root, `[data-el="${name}"]`);
  }

  say(words: string): void {
    this.el("spoken").textContent = words;
  }

  /** Fill in what does not change while the page is open. */
  introduce(item: Item, series: Series): void {
    this.el("subject").textContent = item.subject;
    document.title = document.title.replace(/^\w+/, `Reading ${item.subject}`);
    this.el("title").textContent = item.title;
    this.el("protocol").textContent = `${item.protocol.name}, version ${item.protocol.version}`;
    this.el<HTMLAnchorElement>("back").href = item.urls.back;
    this.el("submit").hidden = this.el("submit-hint").hidden = item.urls.submit === null;
    this.el("before").hidden = this.el("nothing-box").hidden = item.urls.submit === null;
    const { returned } = item;
    if (returned !== null && item.mode === "annotate") {
      this.el("returned").hidden = false;
      this.el("returned").replaceChildren(
        h("div", { class: "note note-partly" }, icon("warning"), h("p", {}, h("span", { class: "b" }, `Returned by ${returned.by}. `), `“${returned.reason}”`)),
      );
    }
    this.#strip(item, series);
  }

  #strip(item: Item, series: Series): void {
    const image = h("img", { src: this.root.dataset["thumbnailUrl"] ?? "", alt: "", width: 78, height: 78 });
    const button = h("button", { type: "button", "aria-current": "true" }, image, series.title, h("br"), h("span", { class: "muted" }, item.mode === "annotate" ? "draw here" : "shown"));
    button.addEventListener("click", () => this.el("stage").focus());
    this.el("strip").replaceChildren(button);
  }

  /** Connect the tool buttons; a toolbar is one stop of Tab, arrows move inside it. */
  tools(choose: (tool: Tool) => void, acts: Readonly<Record<string, () => void>>): void {
    const buttons = [...this.root.querySelectorAll<HTMLButtonElement>(".rail button")];
    for (const button of buttons) {
      button.tabIndex = button === buttons[0] ? 0 : -1;
      button.addEventListener("click", () => {
        const { tool } = button.dataset;
        if (tool !== undefined) choose(tool as Tool);
      });
    }
    for (const button of this.root.querySelectorAll<HTMLButtonElement>("[data-act]")) {
      button.addEventListener("click", () => acts[button.dataset["act"] ?? ""]?.());
    }
    this.el("tools").addEventListener("keydown", (event) => {
      const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
      if (by === undefined) return;
      event.preventDefault();
      const shown = buttons.filter((button) => button.offsetParent !== null);
      const at = shown.indexOf(event.target as HTMLButtonElement);
      const next = shown[(at + by + shown.length) % shown.length];
      for (const button of buttons) button.tabIndex = button === next ? 0 : -1;
      next?.focus();
    });
  }

  showTool(tool: Tool): void {
    for (const button of this.root.querySelectorAll<HTMLButtonElement>("[data-tool]")) {
      button.setAttribute("aria-pressed", String(button.dataset["tool"] === tool));
    }
    this.root.dataset["tool"] = tool;
  }

  showHistory(marks: Marks): void {
    need(this.root, '[data-act="undo"]').setAttribute("aria-disabled", String(!marks.canUndo));
    need(this.root, '[data-act="redo"]').setAttribute("aria-disabled", String(!marks.canRedo));
  }

  /** Offer the labels for new shapes. */
  labels(labels: readonly Label[], choose: (label: Label) => void): void {
    const box = need<HTMLSelectElement>(this.root, "#label-new");
    box.replaceChildren(...labels.map((label) => h("option", { value: label.value }, label.meaning)));
    box.addEventListener("change", () => {
      const label = labels.find((other) => other.value === box.value);
      if (label !== undefined) choose(label);
    });
  }

  /** Offer the windows; "Own" stands there once the window was dragged. */
  windows(windows: readonly Window[], choose: (window: Window) => void): void {
    this.el("window-box").hidden = windows.length === 0;
    const box = need<HTMLSelectElement>(this.root, "#window-choice");
    box.replaceChildren(
      ...windows.map((w, i) => h("option", { value: i }, i === 0 ? w.name : `${w.name}, ${w.width} / ${w.centre}`)),
      h("option", { value: "own", disabled: true }, "Own"),
    );
    box.addEventListener("change", () => {
      const window = windows[Number(box.value)];
      if (window !== undefined) choose(window);
    });
  }

  showWindow(windows: readonly Window[], now: Window): void {
    const at = windows.findIndex((w) => w.centre === now.centre && w.width === now.width);
    need<HTMLSelectElement>(this.root, "#window-choice").value = at < 0 ? "own" : String(at);
  }

  /** State what is done and what is missing before the reading can be handed in. */
  checks(lines: readonly { readonly done: boolean; readonly text: string }[]): void {
    this.el("checks").replaceChildren(
      ...lines.map(({ done, text }) =>
        h("li", { class: `st text-wrap st-${done ? "evidenced" : "missing"}` }, icon(done ? "evidenced" : "missing"), text),
      ),
    );
  }

  showLoading(loaded: number, count: number): void {
    this.root.dataset["loaded"] = String(loaded);
    const bar = this.el<HTMLProgressElement>("loading-bar");
    bar.max = count;
    bar.value = loaded;
  }

  opened(): void {
    this.el("loading").hidden = true;
    // Milliseconds from the click to the image: what the speed target is measured by.
    this.root.dataset["ready"] = String(Math.round(performance.now()));
  }

  status(text: string, kind: string): void {
    const line = this.el("status");
    line.className = kind;
    line.replaceChildren(
      ...(text === "" ? [] : [icon(kind === "ok" ? "evidenced" : kind === "warn" ? "offline" : "clock"), text]),
    );
  }
}

/** Close buttons of the dialogs; Escape and the return of focus are the browser's. */
export function closers(): void {
  for (const button of document.querySelectorAll("dialog [data-close]")) {
    button.addEventListener("click", () => button.closest("dialog")?.close());
  }
}
