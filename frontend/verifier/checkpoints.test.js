import { describe, expect, test } from "vitest";
import { World, entry, event } from "./world.js";
import { ORG, P1, STRANGER, base64Of, bytes, headText, hexOf, idOf, keyIdOf, note, sha, vkey } from "./written.js";

/** @param {(world: World) => unknown} change @param {any} [given] @returns {Promise<any>} */
async function found(change, given) {
  const world = new World();
  change(world);
  const told = await world.judged(given);
  return { ...told, p1: told.codes[P1] ?? [], org: told.codes[ORG] ?? [], bundle: (told.codes[""] ?? []).filter((code) => code !== "N903") };
}
/** Put another note in the place of a checkpoint. @param {number} size @param {(world: World) => string} make @param {"p1" | "org"} [which] @returns {(world: World) => unknown} */
const place = (size, make, which = "p1") => (world) => (world.also = (files) => {
  const stream = world[which];
  files[`${stream.folder}/${size === stream.sizes.at(-1) ? "checkpoint" : `checkpoints/${size}`}`] = bytes(make(world));
});
const other = sha(bytes("another root"));
/** @param {any} outcome @returns {any[]} of the project's checkpoints */
const goods = (outcome) => outcome.states.find((/** @type {any} */ state) => state.origin === P1).checkpoints.map((/** @type {any} */ each) => each.good);

describe("the notes of a stream", () => {
  test("missing", async () => {
    const { p1, bundle, verdicts } = await found((world) => (world.also = (files) => delete files[`${world.p1.folder}/checkpoints/2`]));
    expect([p1, bundle, verdicts[P1]]).toEqual([["L401"], ["L108"], ["failed", "ok"]]);
    const newest = await found((world) => (world.also = (files) => delete files[`${world.p1.folder}/checkpoint`]));
    expect([newest.p1, newest.bundle, newest.verdicts[P1]]).toEqual([["L401"], ["L108"], ["failed", "unknown"]]);
  });
  test.each(["", "x", `${P1}\n4\n`])("no note: %j", async (text) => expect((await found(place(4, () => text))).p1).toEqual(["L401"]));
  test("no checkpoint", async () => expect((await found(place(2, () => note(P1, `${P1}\n2\nx\n`, 0)))).p1).toEqual(["L401"]));
  test("of another stream", async () => {
    const { p1, verdicts } = await found(place(4, (world) => note(ORG, headText(ORG, 4, world.p1.root(4)), 0)));
    expect([p1, verdicts[P1]]).toEqual([["L403"], ["failed", "unknown"]]);
  });
  test("of another size", async () => {
    const { p1, verdicts, counts, outcome } = await found(place(4, (world) => world.p1.note(3)));
    expect([p1, verdicts[P1], counts.checkpoints, goods(outcome)]).toEqual([["L403", "L408"], ["failed", "failed"], 3, [true, false]]);
  });
  test("of a size beyond the entries", async () => expect((await found(place(4, (world) => note(P1, headText(P1, 9, world.p1.root(4)), 0)))).p1).toEqual(["L403", "L406@4", "L408"]));
});

describe("signatures", () => {
  test.each([[[STRANGER]], [[]]])("by %j", async (signers) => {
    const { p1, verdicts, counts } = await found((world) => (signers.length ? (world.p1.signers = { 4: signers }) : place(4, (world_) => `${headText(P1, 4, world_.p1.root(4))}\n\u2014 x ${base64Of(bytes([1, 2, 3, 4, 5]))}\n`)(world)));
    expect([p1, verdicts[P1], counts.checkpoints]).toEqual([["L402"], ["failed", "unknown"], 3]);
  });
  test("of other bytes", async () => expect((await found(place(2, (world) => world.p1.note(2).replace(base64Of(world.p1.root(2)), base64Of(other))))).p1).toEqual(["L402", "L404@0"]));
  test("an older checkpoint by nobody leaves the newest good", async () => expect((await found((world) => (world.p1.signers = { 2: [STRANGER] }))).verdicts[P1]).toEqual(["failed", "ok"]));

  test("no key given", async () => {
    const { p1, org, verdicts, exit, counts, outcome } = await found(() => {}, {});
    expect(goods(outcome)).toEqual([null, null]);
    expect([p1, org, verdicts[P1], exit, counts.checkpoints]).toEqual([["N902"], ["N902"], ["ok", "unknown"], 3, 4]);
  });
  test("the key of one stream", async () => {
    const { p1, org, verdicts } = await found(() => {}, { keys: [vkey(P1, 0)] });
    expect([p1, org, verdicts]).toEqual([[], ["N902"], { [ORG]: ["ok", "unknown"], [P1]: ["ok", "ok"] }]);
  });
  test("the key of another log", async () => expect((await found(() => {}, { keys: [vkey("example.org/other/org", 0)] })).p1).toEqual(["N902"]));
  test("a key that signed nothing here", async () => {
    const { p1, verdicts } = await found(() => {}, { keys: [vkey(ORG, STRANGER)] });
    expect([p1, verdicts[P1]]).toEqual([["L402", "L402"], ["failed", "unknown"]]);
  });
});

describe("roots", () => {
  const signed = (/** @type {number} */ size, /** @type {any} */ root = other) => place(size, () => note(P1, headText(P1, size, root), 0));
  test.each([[2, "L404@0"], [4, "L404@2"]])("at %i", async (size, code) => {
    const { p1, verdicts } = await found(signed(size));
    expect([p1, verdicts[P1]]).toEqual([[code], ["failed", size === 4 ? "unknown" : "ok"]]);
  });
  test("an empty root is none", async () => expect((await found((world) => (world.p1.told = { root: "00".repeat(32) }))).p1).toEqual(["L404@2"]));
  test("a size where another claim holds", async () => {
    // The note at 4 holds, the manifest's root of the same size does not: good up to the size before.
    expect((await found((world) => {
      world.p1.told = { root: hexOf(other) };
      world.p1.sizes = [1, 3, 4];
    })).p1.filter((/** @type {string} */ code) => code.startsWith("L404"))).toEqual(["L404@3"]);
  });
  test("entries after the newest checkpoint", async () => {
    const { p1, verdicts } = await found((world) => (world.p1.sizes = [2]));
    expect([p1, verdicts[P1]]).toEqual([["L407"], ["ok", "failed"]]);
  });
});

describe("the organisation's record", () => {
  const record = (/** @type {number} */ at, /** @type {any} */ change) => (/** @type {World} */ world) => (world.org.entries[at] = world.recordOf([2, 4][at] ?? 0, change));
  test("another root", async () => {
    const { p1, verdicts } = await found(record(1, { root: hexOf(other) }));
    expect([p1, verdicts[P1]]).toEqual([["L405@2"], ["failed", "failed"]]);
    expect((await found(record(0, { root: hexOf(other) }))).p1).toEqual(["L405@0"]);
  });
  test("more entries than are here", async () => expect((await found(record(1, { size: 7 }))).p1).toEqual(["L406@4", "L408"]));
  test("another key", async () => {
    expect((await found(record(1, { key_id: "00000000" }))).p1).toEqual(["L505"]);
    expect((await found(record(1, { key_id: hexOf(keyIdOf(P1, 1)) }))).p1).toEqual(["L505"]);
  });
  test("none of a checkpoint", async () => {
    const { p1, verdicts } = await found((world) => (world.org.entries[0] = entry(event("image.viewed", {}))));
    expect([p1, verdicts[P1]]).toEqual([["L408"], ["ok", "failed"]]);
  });
  test("bodies of the organisation that cannot be read say nothing", async () => {
    const { p1 } = await found((world) => {
      const first = /** @type {any} */ (world.org.entries[0]);
      Object.assign(first, { kind: 2, commitment: sha(bytes([2]), first.salt, bytes(first.body)) });
      world.manifest = { withheld: [{ commitment: hexOf(first.commitment), origin: ORG, reason: "r", seq: 0 }] };
    });
    expect(p1).toEqual([]);
  });
  test.each([{ origin: "x" }, { size: 0 }, { size: "2" }, { root: "00" }, { key_id: "AABBCCDD" }, { key_id: "aabbcc" }, { key_id: "aabbccdde" }, { key_id: "xaabbccd" }, { key_id: 7 }])("a record of another form: %j", async (change) => {
    const { p1, org } = await found(record(1, change));
    expect([p1, org]).toEqual([["L408"], ["L304@1"]]);
  });
  test("a record of size 1 and one in a project's stream", async () => {
    expect((await found((world) => {
      world.p1.sizes = [1, 4];
      world.recorded();
    })).codes).toEqual({ "": ["N903"] });
    expect((await found((world) => {
      world.p1.entries[3] = entry(event("ledger.checkpoint_signed", { origin: P1, size: 1, root: hexOf(other), key_id: "00000000" }));
      world.recorded();
    })).codes).toEqual({ "": ["N903"] });
  });
});

const P2 = "example.org/ledger/p/p2";
const root = sha(bytes("p2"));
const recorded = (/** @type {number} */ size, /** @type {any} */ change = {}) => entry(event("ledger.checkpoint_signed", { key_id: hexOf(keyIdOf(P2, 0)), origin: P2, root: hexOf(root), size, ...change }));

describe("streams that are listed", () => {
  /** @param {any[]} records @param {any} [row] of p2 in the manifest @returns {Promise<any>} */
  const listing = (records, row) => found((world) => {
    world.org.entries.push(...records);
    world.org.sizes = [1, world.org.entries.length];
    if (row) world.streams = [...world.streams, /** @type {any} */ ({ files: () => ({}), row: () => ({ id: idOf(P2), included: false, origin: P2, reason: "r", root: hexOf(root), size: 3, ...row }) })];
  });

  test("a recorded one is listed", async () => {
    const { org, verdicts } = await listing([recorded(3)]);
    expect([org, verdicts[ORG]]).toEqual([["L408"], ["ok", "failed"]]);
  });
  test("by its newest recorded head", async () => {
    expect((await listing([recorded(3)], {})).codes).toEqual({ "": ["N903"] });
    expect((await listing([recorded(2), recorded(3)], {})).org).toEqual([]);
    expect((await listing([recorded(3), recorded(2)], {})).org).toEqual([]);
    expect((await listing([recorded(3, { root: hexOf(other) }), recorded(3)], {})).org).toEqual([]);
  });
  test.each([[[3, 4], {}], [[3], { size: 2 }], [[3], { size: 4 }], [[3], { root: hexOf(other) }], [[], {}]])("recorded at %j, listed with %j", async (sizes, row) => {
    expect((await listing(sizes.map((size) => recorded(size)), row)).org).toEqual(["L408"]);
  });
});

describe("the organisation's stream is read first", () => {
  test("wherever the manifest lists it", async () => {
    const { codes } = await found((world) => {
      world.org.entries.push(world.recordOf(3));
      world.org.sizes = [1, 3];
      world.streams = [world.p1, world.org];
    });
    expect(codes).toEqual({ "": ["L103", "N903"] });
  });
});

describe("heads that cannot be read", () => {
  test("a newer head may be in a body that is hidden", async () => {
    const hiding = (/** @type {any} */ row) => found((world) => {
      const hidden = recorded(3);
      Object.assign(hidden, { kind: 2, commitment: sha(bytes([2]), hidden.salt, bytes(hidden.body)) });
      world.org.entries.push(recorded(2), hidden);
      world.org.sizes = [1, 4];
      world.manifest = { withheld: [{ commitment: hexOf(/** @type {any} */ (hidden.commitment)), origin: ORG, reason: "r", seq: 3 }] };
      world.streams = [...world.streams, /** @type {any} */ ({ files: () => ({}), row: () => ({ id: idOf(P2), included: false, origin: P2, reason: "r", root: hexOf(root), size: 3, ...row }) })];
    });
    expect((await hiding({})).org).toEqual([]);
    expect((await hiding({ size: 2, root: hexOf(other) })).org).toEqual(["L408"]);
    expect((await hiding({ size: 1 })).org).toEqual(["L408"]);
    expect((await hiding({ origin: "example.org/ledger/p/p3", id: idOf("example.org/ledger/p/p3") })).org).toEqual(["L408"]);
  });
  test("a bundle of the organisation alone", async () => {
    const { codes } = await found((world) => {
      world.streams = [world.org];
      world.org.entries = [entry(event("image.viewed", {})), entry(event("image.viewed", {}))];
    });
    expect(codes).toEqual({ "": ["N903"] });
  });
});
