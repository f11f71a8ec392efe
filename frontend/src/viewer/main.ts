/** Opens the reading room: asks for the item, the series and the first slice at once. */

import "./viewer.css";

import { need } from "../site/dom.ts";
import { ask, getJson, Refused } from "../site/http.ts";
import { Frames } from "./frames.ts";
import type { Item, Mark, Series } from "./types.ts";

/** The marks to begin with: one's own draft where there is one, else what was sealed. */
function opening(item: Item): readonly Mark[] {
  return item.mode === "view" ? item.annotations : (item.draft?.annotations ?? item.annotations);
}

/** Begin at the first marked slice, else in the middle of a volume, else at the first image. */
function firstSlice(series: Series, marks: readonly Mark[]): number {
  const marked = series.frames.findIndex((frame) =>
    marks.some((mark) => mark.instance === frame.instance && mark.frame === frame.frame),
  );
  if (marked >= 0) return marked;
  return series.is_volume ? Math.floor(series.frames.length / 2) : 0;
}

async function start(root: HTMLElement): Promise<void> {
  const { itemUrl = "", seriesUrl = "" } = root.dataset;
  const application = import("./app.ts");
  const [item, series] = await Promise.all([getJson<Item>(itemUrl), getJson<Series>(seriesUrl)]);
  const frames = new Frames(series.frames.length, async (index) => {
    const frame = series.frames[index];
    if (frame === undefined) throw new RangeError("There is no such slice.");
    return (await ask(frame.url)).arrayBuffer();
  });
  const marks = opening(item);
  const first = firstSlice(series, marks);
  frames.get(first).catch(() => undefined); // the display asks again and tells what is wrong
  const { open } = await application;
  await open({ root, item, itemUrl, series, frames, marks, first });
}

/** Say in the place of the image why there is none. */
function explain(root: HTMLElement, reason: unknown): void {
  const message =
    reason instanceof Refused
      ? reason.message
      : "The image could not be opened. Nothing was changed; load the page again.";
  need(root, '[data-el="loading-says"]').textContent = message;
  need<HTMLElement>(root, '[data-el="loading-bar"]').hidden = true;
  need<HTMLElement>(root, '[data-el="loading"]').hidden = false;
  need(root, '[data-el="loading"]').setAttribute("role", "alert");
  root.dataset["failed"] = "1";
}

const root = need<HTMLElement>(document, "#reading");
start(root).catch((reason: unknown) => {
  explain(root, reason);
  if (!(reason instanceof Refused)) throw reason;
});
