import assert from "node:assert/strict";
import { test } from "node:test";

import { apply, area, boxCorners, clamp, contains, decimal, distanceToRing, invert, isDrawable, outline, parseDecimal, through, type Matrix, type Xy } from "./geometry.ts";

/** A small seeded generator: the same hundred cases every time. */
function* numbers(seed: number): Generator<number> {
  for (let state = seed; ; ) {
    state = (state * 1_664_525 + 1_013_904_223) % 2 ** 32;
    yield state / 2 ** 32;
  }
}

function next(random: Generator<number>): number {
  return random.next().value as number;
}

test("coordinates are written with at most three places and no minus zero", () => {
  assert.equal(decimal(12), "12");
  assert.equal(decimal(12.5), "12.5");
  assert.equal(decimal(100), "100");
  assert.equal(decimal(0.1 + 0.2), "0.3");
  assert.equal(decimal(1.23456), "1.235");
  assert.equal(decimal(-0.0001), "0");
});

test("what was written is read back as the same number", () => {
  const random = numbers(1);
  for (let i = 0; i < 200; i += 1) {
    const value = Math.round(next(random) * 4_096_000) / 1000;
    assert.equal(parseDecimal(decimal(value)), value);
  }
});

test("what is not a plain number is refused", () => {
  for (const text of ["", "abc", "1e3", "0x10", "1.2345", "NaN", "--1", "1 2"]) {
    assert.equal(parseDecimal(text), null, text);
  }
  assert.equal(parseDecimal(" 12,5 "), 12.5);
});

test("a map and its inverse cancel", () => {
  const random = numbers(2);
  for (let i = 0; i < 100; i += 1) {
    const matrix: Matrix = [0.2 + next(random) * 20, 0, 0, 0.2 + next(random) * 20, next(random) * 900, next(random) * -900];
    const place: Xy = [next(random) * 512, next(random) * 512];
    const [x, y] = apply(invert(matrix), apply(matrix, place));
    assert.ok(Math.abs(x - place[0]) < 1e-9 && Math.abs(y - place[1]) < 1e-9);
  }
});

test("a map without an inverse is refused", () => {
  assert.throws(() => invert([0, 0, 0, 0, 5, 5]), RangeError);
});

test("a map through three places sends the pixel corners there", () => {
  const matrix = through([10, 20], [13, 20], [10, 26]);
  assert.deepEqual(apply(matrix, [0, 0]), [10, 20]);
  assert.deepEqual(apply(matrix, [1, 1]), [13, 26]);
  assert.deepEqual(apply(matrix, [4, 2]), [22, 32]);
});

test("a box on pixel corners keeps exactly those corners through screen and back", () => {
  const matrix: Matrix = [3.203125, 0, 0, 3.203125, 79.4, -11.3];
  for (const corner of [[0, 0], [100, 90], [140, 130], [256, 256]] as const) {
    const back = apply(invert(matrix), apply(matrix, corner));
    assert.deepEqual(back.map(decimal), corner.map(String));
  }
});

test("the corners of a box come in order, whichever way it was drawn", () => {
  assert.deepEqual(boxCorners([9, 2], [3, 7]), [[3, 2], [9, 7]]);
  assert.deepEqual(outline("box", [[3, 2], [9, 7]]), [[3, 2], [9, 2], [9, 7], [3, 7]]);
});

test("the area of a ring does not depend on its direction or beginning", () => {
  const ring: Xy[] = [[0, 0], [4, 0], [4, 3], [0, 3]];
  assert.equal(area(ring), 12);
  assert.equal(area([...ring].reverse()), 12);
  assert.equal(area([...ring.slice(2), ...ring.slice(0, 2)]), 12);
});

test("a place inside a ring is told from one outside", () => {
  const ring: Xy[] = [[0, 0], [10, 0], [10, 10], [5, 5], [0, 10]];
  assert.ok(contains(ring, [2, 2]));
  assert.ok(!contains(ring, [5, 8]));
  assert.ok(!contains(ring, [11, 2]));
});

test("the distance to a ring is that to its nearest edge", () => {
  const ring: Xy[] = [[0, 0], [10, 0], [10, 10], [0, 10]];
  assert.equal(distanceToRing(ring, [5, 2]), 2);
  assert.equal(distanceToRing(ring, [13, 14]), 5);
});

test("what encloses nothing is no shape", () => {
  assert.ok(!isDrawable("box", [[1, 1], [1, 9]]));
  assert.ok(!isDrawable("polygon", [[0, 0], [5, 5]]));
  assert.ok(!isDrawable("polygon", [[0, 0], [5, 5], [9, 9]]));
  assert.ok(isDrawable("polygon", [[0, 0], [5, 5], [9, 0]]));
});

test("places outside the frame are brought to its edge", () => {
  assert.deepEqual(clamp([-3, 300], 256, 256), [0, 256]);
});
