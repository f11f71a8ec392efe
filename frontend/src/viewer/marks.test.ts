import assert from "node:assert/strict";
import { test } from "node:test";

import { Marks, changesSealed, moved, nextTrackingId, sameContent } from "./marks.ts";
import type { Frame, Label, Mark } from "./types.ts";

const FRAME: Frame = { index: 0, instance: "i-1", frame: 1, url: "", rows: 100, columns: 200, spacing: null, calibrated: false, orientation: null, position: null };
const LABEL: Label = { value: "m", scheme: "SCT", meaning: "Mass", color: 1, kinds: ["box", "polygon"] };

function makeMark(change: Partial<Mark> = {}): Mark {
  return { instance_uid: "u-1", tracking_id: "Mass 1", label: "m", kind: "box", instance: "i-1", frame: 1, points: [["10", "20"], ["30", "40"]], revision: null, content_hash: null, author: null, ...change };
}

test("undo and redo return to exactly what was there", () => {
  const marks = new Marks([]);
  marks.add(makeMark());
  const drawn = marks.all;
  marks.change("u-1", { points: [["1", "1"], ["2", "2"]] });
  const changed = marks.all;

  marks.undo();
  assert.equal(marks.all, drawn);
  marks.redo();
  assert.equal(marks.all, changed);
  marks.undo();
  marks.undo();
  assert.deepEqual(marks.all, []);
  assert.ok(!marks.canUndo);
});

test("a new change forgets what could be redone", () => {
  const marks = new Marks([]);
  marks.add(makeMark());
  marks.undo();
  marks.add(makeMark({ instance_uid: "u-2" }));

  assert.ok(!marks.canRedo);
});

test("every change of content raises the edition, selecting does not", () => {
  const marks = new Marks([makeMark()]);
  marks.select("u-1");
  marks.toggleHidden("u-1");
  assert.equal(marks.edition, 0);

  marks.remove("u-1");
  marks.undo();
  assert.equal(marks.edition, 2);
});

test("removing the chosen mark chooses none", () => {
  const marks = new Marks([makeMark()]);
  marks.select("u-1");
  marks.remove("u-1");

  assert.equal(marks.current, null);
});

test("only marks of this instance and frame are on it", () => {
  const here = makeMark();
  const marks = new Marks([here, makeMark({ instance_uid: "u-2", frame: 2 }), makeMark({ instance_uid: "u-3", instance: "i-2" })]);

  assert.deepEqual(marks.onFrame(FRAME), [here]);
});

test("a moved mark keeps its shape and stays inside the frame", () => {
  assert.deepEqual(moved(makeMark(), FRAME, [5, 5], null), [["15", "25"], ["35", "45"]]);
  assert.deepEqual(moved(makeMark(), FRAME, [-50, 500], null), [["0", "80"], ["20", "100"]]);
  assert.deepEqual(moved(makeMark(), FRAME, [1, -1], 1), [["10", "20"], ["31", "39"]]);
});

test("numbers of objects are not given twice", () => {
  assert.equal(nextTrackingId(LABEL, []), "Mass 1");
  assert.equal(nextTrackingId(LABEL, [makeMark(), makeMark({ tracking_id: "Mass 3" })]), "Mass 2");
});

test("a reason is owed for changing or removing what was sealed, not for adding", () => {
  const sealed = makeMark({ revision: 1 });
  assert.ok(!changesSealed([sealed], [sealed, makeMark({ instance_uid: "u-2" })]));
  assert.ok(changesSealed([sealed], []));
  assert.ok(changesSealed([sealed], [{ ...sealed, points: [["10", "20"], ["30", "41"]] }]));
  assert.ok(!changesSealed([makeMark()], []));
});

test("content is the same only when label, object and every point are", () => {
  const mark = makeMark();
  assert.ok(sameContent([mark], [{ ...mark, revision: 4 }]));
  assert.ok(!sameContent([mark], [{ ...mark, label: "other" }]));
  assert.ok(!sameContent([mark], []));
});
