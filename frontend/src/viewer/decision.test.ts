import assert from "node:assert/strict";
import { test } from "node:test";

import { lacks } from "./decision.ts";

test("a decision is owed", () => {
  assert.match(lacks(null, "", true), /Choose/);
});

test("accepting takes the marks as they are, without a reason", () => {
  assert.equal(lacks("accept", "", true), "");
  assert.match(lacks("accept", "", false), /choose correct/);
});

test("correcting needs a change and a reason", () => {
  assert.match(lacks("correct", "wall", true), /Nothing is corrected/);
  assert.match(lacks("correct", "", false), /Say why/);
  assert.equal(lacks("correct", "wall", false), "");
});

test("rejecting needs a reason", () => {
  assert.match(lacks("reject", "", true), /Say why/);
  assert.equal(lacks("reject", "outside the wall", true), "");
});
