/** The panel beside the image: instances, and what is known of the chosen one. */

import { h, icon, need } from "../site/dom.ts";
import { type Xy, isDrawable, parseDecimal, toPoint } from "./geometry.ts";
import { type Marks, coordinates, nextTrackingId } from "./marks.ts";
import { badge } from "./overlay.ts";
import type { Label, Mark, Series } from "./types.ts";

export interface PanelActs {
  readonly goTo: (uid: string) => void;
  readonly colour: (mark: Mark) => number;
  readonly say: (words: string) => void;
}

export class Panel {
  readonly #root: HTMLElement;
  readonly #marks: Marks;
  readonly #labels: readonly Label[];
  readonly #series: Series;
  readonly #acts: PanelActs;
  editable = false;
  #drawnFor: string | null = null;

  constructor(
    root: HTMLElement,
    marks: Marks,
    labels: readonly Label[],
    series: Series,
    acts: PanelActs,
  ) {
    this.#root = root;
    this.#marks = marks;
    this.#labels = labels;
    this.#series = series;
    this.#acts = acts;
  }

  draw(nothing: string): void {
    const all = this.#marks.all;
    this.#el("count").textContent = all.length === 0 ? "" : `${all.length} drawn`;
    const none = this.#el("none");
    none.hidden = all.length > 0;
    none.textContent = nothing;
    const list = this.#el("instances");
    const focused = document.activeElement?.closest<HTMLElement>("[data-row]")?.dataset["row"];
    const focusedAct = (document.activeElement as HTMLElement | null)?.dataset["rowAct"];
    list.replaceChildren(...all.map((mark, i) => this.#row(mark, i + 1)));
    if (focused !== undefined && focusedAct !== undefined) {
      list.querySelector<HTMLElement>(`[data-row="${focused}"] [data-row-act="${focusedAct}"]`)?.focus();
    }
    this.#chosen();
  }

  #row(mark: Mark, number: number): HTMLLIElement {
    const uid = mark.instance_uid;
    const hidden = this.#marks.hidden.has(uid);
    const choose = h(
      "button",
      { class: "inst-name", type: "button", "data-row-act": "choose" },
      h("span", {}, mark.tracking_id),
      h("small", {}, this.#facts(mark, hidden)),
    );
    choose.addEventListener("click", () => this.#acts.goTo(uid));
    const hide = h("button", {
      class: "btn btn-quiet btn-sm p-1", type: "button", "data-row-act": "hide",
      "aria-pressed": hidden ? "true" : "false", "aria-label": `Hide ${mark.tracking_id}`,
      title: hidden ? "Show" : "Hide",
    }, icon("eye"));
    hide.addEventListener("click", () => this.#marks.toggleHidden(uid));
    const current = uid === this.#marks.selected;
    return h(
      "li",
      { "data-row": uid, "aria-current": current ? "true" : null, class: hidden ? "is-hidden" : null },
      badge(number, this.#acts.colour(mark)), choose, hide,
    );
  }

  #facts(mark: Mark, hidden: boolean): string {
    const at = this.#series.frames.find(
      (frame) => frame.instance === mark.instance && frame.frame === mark.frame,
    );
    const where = this.#series.frames.length > 1 && at !== undefined ? `Slice ${at.index + 1}, ` : "";
    const shape = mark.kind === "box" ? "box" : `${mark.points.length} points`;
    const sealed = mark.revision === null ? "draft" : `revision ${mark.revision}`;
    return `${where}${shape}, ${hidden ? "hidden" : sealed}`;
  }

  /** Build the form of the chosen mark anew only when another is chosen or it changed. */
  #chosen(): void {
    const box = this.#el("chosen");
    const mark = this.#marks.current;
    const state = mark === null ? null : JSON.stringify([mark, this.editable, this.#marks.number(mark)]);
    if (state === this.#drawnFor) return;
    this.#drawnFor = state;
    box.hidden = mark === null;
    if (mark === null) {
      box.replaceChildren();
      return;
    }
    const focused = document.activeElement?.id;
    const open = box.querySelector("details")?.open ?? false;
    box.replaceChildren(
      h("h2", {}, `${this.#marks.number(mark)}  ${mark.tracking_id}`),
      ...(this.editable ? [this.#labelRow(mark), this.#objectRow(mark)] : [this.#readOnly(mark)]),
      this.#coordinates(mark, open),
      ...(this.editable ? [this.#remove(mark)] : []),
    );
    if (focused !== undefined && focused !== "") document.getElementById(focused)?.focus();
  }

  #readOnly(mark: Mark): HTMLElement {
    const label = this.#labels.find((other) => other.value === mark.label);
    return h(
      "dl", { class: "facts mb-2" },
      h("dt", {}, "Label"), h("dd", {}, label?.meaning ?? mark.label),
      h("dt", {}, "Author"), h("dd", {}, mark.author ?? "not submitted"),
    );
  }

  #labelRow(mark: Mark): HTMLElement {
    const fitting = this.#labels.filter((label) => label.kinds.includes(mark.kind));
    return select("label-chosen", "Label", fitting.map((label) => [label.value, label.meaning]), mark.label, (value) => {
      const label = fitting.find((other) => other.value === value);
      if (label === undefined) return;
      const others = this.#marks.all.filter((other) => other !== mark);
      this.#marks.change(mark.instance_uid, { label: value, tracking_id: nextTrackingId(label, others) });
    });
  }

  /** One object seen on several slices carries one name: choose it here. */
  #objectRow(mark: Mark): HTMLElement {
    const label = this.#labels.find((other) => other.value === mark.label);
    const others = this.#marks.all.filter((other) => other !== mark);
    const fresh = label === undefined ? mark.tracking_id : nextTrackingId(label, others);
    const names = new Set([mark.tracking_id, ...others.filter((o) => o.label === mark.label).map((o) => o.tracking_id), fresh]);
    const options = [...names].map((name): [string, string] => [name, others.some((o) => o.tracking_id === name) ? `${name}, continued` : name]);
    return select("object-chosen", "Object", options, mark.tracking_id, (value) =>
      this.#marks.change(mark.instance_uid, { tracking_id: value }),
    );
  }

  #coordinates(mark: Mark, open: boolean): HTMLElement {
    const rows = mark.points.map((point, i) =>
      h(
        "li", { class: "corner" },
        h("span", { class: "xs muted" }, String(i + 1)),
        this.#coordinate(mark, i, 0, point[0]),
        this.#coordinate(mark, i, 1, point[1]),
      ),
    );
    return h(
      "details", { class: "corners", open },
      h("summary", { class: "s" }, "Coordinates, in pixels from the top left corner"),
      h("ol", { class: "list-unstyled mb-0 mt-2" }, ...rows),
    );
  }

  #coordinate(mark: Mark, corner: number, axis: 0 | 1, value: string): HTMLElement {
    const name = `Corner ${corner + 1}, ${axis === 0 ? "x" : "y"}`;
    const input = h("input", {
      class: "form-control", id: `corner-${corner}-${axis}`, inputmode: "decimal", value,
      "aria-label": name, autocomplete: "off", readonly: !this.editable,
    });
    input.addEventListener("change", () => {
      const wrong = this.#type(mark, corner, axis, input.value);
      input.classList.toggle("is-invalid", wrong !== null);
      input.setAttribute("aria-invalid", String(wrong !== null));
      if (wrong !== null) this.#acts.say(`${name}: ${wrong}`);
    });
    return input;
  }

  /** Take a typed coordinate; returns what is wrong with it, or null. */
  #type(mark: Mark, corner: number, axis: 0 | 1, text: string): string | null {
    const frame = this.#series.frames.find((f) => f.instance === mark.instance && f.frame === mark.frame);
    const limit = axis === 0 ? frame?.columns : frame?.rows;
    const value = parseDecimal(text);
    if (value === null || limit === undefined || value < 0 || value > limit) {
      return `type a number from 0 to ${limit ?? 0}, with at most three places.`;
    }
    const places = coordinates(mark).map((place, i): Xy =>
      i !== corner ? place : axis === 0 ? [value, place[1]] : [place[0], value],
    );
    if (!isDrawable(mark.kind, places)) return "with this number the shape would enclose nothing.";
    this.#marks.change(mark.instance_uid, { points: places.map(toPoint) });
    return null;
  }

  #remove(mark: Mark): HTMLElement {
    const button = h("button", { class: "btn btn-stop btn-sm mt-2", type: "button", id: "remove-chosen" }, icon("bin"), "Remove instance");
    button.addEventListener("click", () => {
      this.#marks.remove(mark.instance_uid);
      this.#acts.say("Instance removed. U brings it back.");
    });
    return button;
  }

  #el(name: string): HTMLElement {
    return need<HTMLElement>(this.#root, `[data-el="${name}"]`);
  }
}

/** A row with a label and a select. */
export function select(
  id: string,
  name: string,
  options: readonly (readonly [string, string])[],
  chosen: string,
  onChoose: (value: string) => void,
): HTMLElement {
  const box = h(
    "select", { class: "form-select", id },
    ...options.map(([value, text]) => h("option", { value, selected: value === chosen }, text)),
  );
  box.addEventListener("change", () => onChoose(box.value));
  return h("div", { class: "field-row" }, h("label", { for: id }, name), box);
}
