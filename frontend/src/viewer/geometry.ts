/** Plane geometry in image pixels: x to the right, y down, (0, 0) the corner of the first pixel. */

import type { Kind, Point } from "./types.ts";

export type Xy = readonly [x: number, y: number];

/** An affine map: x' = a x + c y + e, y' = b x + d y + f (the order of SVG's matrix()). */
export type Matrix = readonly [a: number, b: number, c: number, d: number, e: number, f: number];

const PLACES = 3;

/** Write a coordinate as the record keeps it: at most three places, no exponent, no minus zero. */
export function decimal(value: number): string {
  const text = value.toFixed(PLACES).replace(/\.?0+$/, "");
  return text === "-0" ? "0" : text;
}

/** Read a typed number such as "12.5" or "12,5"; null when it is not one. */
export function parseDecimal(text: string): number | null {
  const clean = text.trim().replace(",", ".");
  return /^-?\d{1,6}(\.\d{1,3})?$/.test(clean) ? Number(clean) : null;
}

export function toPoint([x, y]: Xy): Point {
  return [decimal(x), decimal(y)];
}

export function toXy([x, y]: Point): Xy {
  return [Number(x), Number(y)];
}

export function apply([a, b, c, d, e, f]: Matrix, [x, y]: Xy): Xy {
  return [a * x + c * y + e, b * x + d * y + f];
}

/** Return the inverse map; raises RangeError when the map has none. */
export function invert([a, b, c, d, e, f]: Matrix): Matrix {
  const det = a * d - b * c;
  if (det === 0) throw new RangeError("This map has no inverse.");
  return [d / det, -b / det, -c / det, a / det, (c * f - d * e) / det, (b * e - a * f) / det];
}

/** Return the map that sends (0,0), (1,0) and (0,1) to the three given places. */
export function through(origin: Xy, right: Xy, down: Xy): Matrix {
  return [
    right[0] - origin[0],
    right[1] - origin[1],
    down[0] - origin[0],
    down[1] - origin[1],
    origin[0],
    origin[1],
  ];
}

export function clamp([x, y]: Xy, columns: number, rows: number): Xy {
  return [Math.min(Math.max(x, 0), columns), Math.min(Math.max(y, 0), rows)];
}

/** Return top left and bottom right of the box spanned by two corners in any order. */
export function boxCorners(a: Xy, b: Xy): readonly [Xy, Xy] {
  return [
    [Math.min(a[0], b[0]), Math.min(a[1], b[1])],
    [Math.max(a[0], b[0]), Math.max(a[1], b[1])],
  ];
}

/** Return the outline of a mark as a closed ring of corners, without repeating the first. */
export function outline(kind: Kind, points: readonly Xy[]): readonly Xy[] {
  const [first, second] = points;
  if (kind === "polygon" || first === undefined || second === undefined) return points;
  return [first, [second[0], first[1]], second, [first[0], second[1]]];
}

/** Return the enclosed area in square pixels (shoelace formula), never negative. */
export function area(ring: readonly Xy[]): number {
  let twice = 0;
  ring.forEach(([x, y], i) => {
    const [nextX, nextY] = ring[(i + 1) % ring.length] ?? [x, y];
    twice += x * nextY - nextX * y;
  });
  return Math.abs(twice) / 2;
}

/** Say whether a place lies inside a ring (even-odd rule). */
export function contains(ring: readonly Xy[], [x, y]: Xy): boolean {
  let inside = false;
  ring.forEach(([ax, ay], i) => {
    const [bx, by] = ring[(i + 1) % ring.length] ?? [ax, ay];
    if (ay > y !== by > y && x < ((bx - ax) * (y - ay)) / (by - ay) + ax) inside = !inside;
  });
  return inside;
}

export function distance([ax, ay]: Xy, [bx, by]: Xy): number {
  return Math.hypot(bx - ax, by - ay);
}

/** Return the distance from a place to the nearest edge of a ring. */
export function distanceToRing(ring: readonly Xy[], place: Xy): number {
  return ring.reduce((nearest, corner, i) => {
    const next = ring[(i + 1) % ring.length] ?? corner;
    return Math.min(nearest, distance(place, nearestOnEdge(corner, next, place)));
  }, Infinity);
}

function nearestOnEdge(a: Xy, b: Xy, place: Xy): Xy {
  const length2 = (b[0] - a[0]) ** 2 + (b[1] - a[1]) ** 2;
  if (length2 === 0) return a;
  const along = ((place[0] - a[0]) * (b[0] - a[0]) + (place[1] - a[1]) * (b[1] - a[1])) / length2;
  const t = Math.min(Math.max(along, 0), 1);
  return [a[0] + t * (b[0] - a[0]), a[1] + t * (b[1] - a[1])];
}

/** Say whether a shape has an inside: a box with two sides, a polygon with three corners. */
export function isDrawable(kind: Kind, points: readonly Xy[]): boolean {
  if (kind === "box" ? points.length !== 2 : points.length < 3) return false;
  return area(outline(kind, points)) > 0;
}
