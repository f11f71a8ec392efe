/** Windows to look through: those of the file first, then the customary ones for CT. */

import type { Series } from "./types.ts";

export interface Window {
  readonly name: string;
  readonly centre: number;
  readonly width: number;
}

const CT: readonly Window[] = [
  { name: "Brain", centre: 40, width: 80 },
  { name: "Subdural", centre: 75, width: 215 },
  { name: "Soft tissue", centre: 40, width: 400 },
  { name: "Lung", centre: -600, width: 1500 },
  { name: "Bone", centre: 480, width: 2500 },
];

/** List the windows offered for a series; the first is the one it opens with. */
export function presets(series: Series): readonly Window[] {
  if (series.samples === 3) return [];
  const stated = [series.window, ...series.windows].map(([centre, width], i) => ({
    name: i === 0 ? "Default" : `File, ${i}`,
    centre: Number(centre),
    width: Number(width),
  }));
  const offered = [...stated, ...(series.unit === "HU" ? CT : [])];
  return offered.filter(
    (window, i) =>
      window.width > 0 &&
      offered.findIndex((o) => o.centre === window.centre && o.width === window.width) === i,
  );
}
