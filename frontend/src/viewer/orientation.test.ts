import assert from "node:assert/strict";
import { test } from "node:test";

import { edges, letters } from "./orientation.ts";

test("an axial image has the patient's right on its left side", () => {
  assert.deepEqual(edges([1, 0, 0, 0, 1, 0]), { left: "R", right: "L", top: "A", bottom: "P" });
});

test("coronal and sagittal images have the head on top", () => {
  assert.deepEqual(edges([1, 0, 0, 0, 0, -1]), { left: "R", right: "L", top: "H", bottom: "F" });
  assert.deepEqual(edges([0, 1, 0, 0, 0, -1]), { left: "A", right: "P", top: "H", bottom: "F" });
});

test("a slight tilt keeps one letter, an oblique direction gets two", () => {
  assert.equal(letters([Math.cos(0.1), Math.sin(0.1), 0]), "L");
  assert.equal(letters([Math.cos(0.6), Math.sin(0.6), 0]), "LP");
  assert.equal(letters([-Math.sin(0.5), -Math.cos(0.5), 0]), "AR");
});

test("an image without orientation has no letters", () => {
  assert.deepEqual(edges(null), { left: "", right: "", top: "", bottom: "" });
});
