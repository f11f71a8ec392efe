/** The marks of one reading: what is drawn, selected and hidden, with undo and redo. */

import { decimal, toXy, type Xy } from "./geometry.ts";
import type { Frame, Label, Mark, Point } from "./types.ts";

type Listener = () => void;

export class Marks {
  #marks: readonly Mark[];
  #past: (readonly Mark[])[] = [];
  #future: (readonly Mark[])[] = [];
  #listeners: Listener[] = [];
  selected: string | null = null;
  /** Which corner of the selected mark the keyboard moves; null: all of it. */
  corner: number | null = null;
  readonly hidden = new Set<string>();
  /** Grows with every change of content; what was saved is compared with it. */
  edition = 0;

  constructor(marks: readonly Mark[]) {
    this.#marks = marks;
  }

  get all(): readonly Mark[] {
    return this.#marks;
  }

  get current(): Mark | null {
    return this.#marks.find((mark) => mark.instance_uid === this.selected) ?? null;
  }

  get canUndo(): boolean {
    return this.#past.length > 0;
  }

  get canRedo(): boolean {
    return this.#future.length > 0;
  }

  on(listener: Listener): void {
    this.#listeners.push(listener);
  }

  /** Number of a mark as drawn beside it, from 1. */
  number(mark: Mark): number {
    return this.#marks.findIndex((other) => other.instance_uid === mark.instance_uid) + 1;
  }

  onFrame(frame: Frame): readonly Mark[] {
    return this.#marks.filter(
      (mark) => mark.instance === frame.instance && mark.frame === frame.frame,
    );
  }

  select(uid: string | null): void {
    if (this.selected === uid) return;
    this.selected = uid;
    this.corner = null;
    this.#tell();
  }

  toggleHidden(uid: string): void {
    if (!this.hidden.delete(uid)) this.hidden.add(uid);
    this.#tell();
  }

  setCorner(corner: number | null): void {
    this.corner = corner;
    this.#tell();
  }

  add(mark: Mark): void {
    this.#commit([...this.#marks, mark]);
    this.selected = mark.instance_uid;
    this.corner = null;
    this.#tell();
  }

  remove(uid: string): void {
    this.#commit(this.#marks.filter((mark) => mark.instance_uid !== uid));
    if (this.selected === uid) this.selected = null;
    this.#tell();
  }

  change(uid: string, change: Partial<Pick<Mark, "label" | "tracking_id" | "points">>): void {
    this.#commit(
      this.#marks.map((mark) => (mark.instance_uid === uid ? { ...mark, ...change } : mark)),
    );
    this.#tell();
  }

  /** Replace everything at once, as one step that can be undone. */
  replace(marks: readonly Mark[]): void {
    this.#commit(marks);
    if (this.current === null) this.selected = null;
    this.#tell();
  }

  undo(): void {
    const before = this.#past.pop();
    if (before === undefined) return;
    this.#future.push(this.#marks);
    this.#return(before);
  }

  redo(): void {
    const after = this.#future.pop();
    if (after === undefined) return;
    this.#past.push(this.#marks);
    this.#return(after);
  }

  #return(marks: readonly Mark[]): void {
    this.#marks = marks;
    this.edition += 1;
    this.corner = null;
    if (this.current === null) this.selected = null;
    this.#tell();
  }

  #commit(marks: readonly Mark[]): void {
    this.#past.push(this.#marks);
    this.#future = [];
    this.#marks = marks;
    this.edition += 1;
  }

  #tell(): void {
    for (const listener of this.#listeners) listener();
  }
}

/** Say whether two lists of marks have the same content, whatever their order of selection. */
export function sameContent(one: readonly Mark[], other: readonly Mark[]): boolean {
  return one.length === other.length && one.every((mark, i) => sameMark(mark, other[i]));
}

function sameMark(one: Mark, other: Mark | undefined): boolean {
  return (
    other !== undefined &&
    one.instance_uid === other.instance_uid &&
    one.tracking_id === other.tracking_id &&
    one.label === other.label &&
    one.points.length === other.points.length &&
    one.points.every((point, i) => point[0] === other.points[i]?.[0] && point[1] === other.points[i]?.[1])
  );
}

/** Say whether marks that were sealed before differ from what is drawn now: that needs a reason. */
export function changesSealed(sealed: readonly Mark[], now: readonly Mark[]): boolean {
  return sealed.some(
    (before) =>
      before.revision !== null &&
      !sameMark(before, now.find((mark) => mark.instance_uid === before.instance_uid)),
  );
}

/** Name a new object after its label: the first number that is free. */
export function nextTrackingId(label: Label, marks: readonly Mark[]): string {
  const taken = new Set(marks.map((mark) => mark.tracking_id));
  let number = 1;
  while (taken.has(`${label.meaning} ${number}`)) number += 1;
  return `${label.meaning} ${number}`;
}

export function coordinates(mark: Mark): readonly Xy[] {
  return mark.points.map(toXy);
}

/** Move some corners of a mark (all when `corner` is null), kept inside the frame. */
export function moved(mark: Mark, frame: Frame, by: Xy, corner: number | null): readonly Point[] {
  const places = coordinates(mark);
  const moving = corner === null ? places : places.filter((_, i) => i === corner);
  const room = (axis: 0 | 1, size: number) => {
    const values = moving.map((place) => place[axis]);
    return Math.min(Math.max(by[axis], -Math.min(...values)), size - Math.max(...values));
  };
  const [dx, dy] = [room(0, frame.columns), room(1, frame.rows)];
  return mark.points.map((point, i) => {
    if (corner !== null && corner !== i) return point;
    const [x, y] = toXy(point);
    return [decimal(x + dx), decimal(y + dy)];
  });
}
