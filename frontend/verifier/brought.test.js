import { describe, expect, test } from "vitest";
import { World, entry, event, receiptOf } from "./world.js";
import { ORG, P1, STRANGER, WITNESS, bytes, cosigned, headText, hexOf, idOf, keyIdOf, line, note, sha, signature, vkey } from "./written.js";

const other = sha(bytes("another root"));
const W = "witness.example/w";
const NAMED = vkey(W, WITNESS, 4);

/** @param {(world: World) => any} brought @param {(world: World) => unknown} [change] @returns {Promise<any>} */
async function found(brought, change = () => {}) {
  const world = new World();
  change(world);
  const told = await world.judged({ keys: [vkey()], ...brought(world) });
  return { ...told, bundle: told.codes[""] ?? [], p1: told.codes[P1] ?? [], org: told.codes[ORG] ?? [] };
}

describe("reference checkpoints (L402, L403, L405, L406)", () => {
  test("of sizes that are here", async () => {
    const { codes, counts, exit, outcome } = await found((world) => ({ checkpoints: [world.p1.note(3), world.p1.note(4), world.org.note(1)], receipts: [receiptOf(world, 1, null)] }));
    expect([codes, counts.references, exit]).toEqual([{}, 3, 0]);
    expect(outcome.states.map((/** @type {any} */ state) => [[...state.roots.keys()].sort(), [...state.leaves.keys()]])).toEqual([[[1, 2], []], [[2, 3, 4], [1]]]);
  });
  test("of a size that is not here yet", async () => {
    const { codes, verdicts, counts } = await found(() => ({ checkpoints: [note(P1, headText(P1, 9, other), 0)] }));
    expect([codes, verdicts[P1], counts.references]).toEqual([{ [P1]: ["L406@4"] }, ["ok", "failed"], 0]);
  });
  test("of another root", async () => {
    const { p1, verdicts } = await found((world) => ({ checkpoints: [world.p1.note(2), note(P1, headText(P1, 3, other), 0)] }));
    expect([p1, verdicts[P1]]).toEqual([["L405@2"], ["failed", "failed"]]);
    expect((await found((world) => ({ checkpoints: [world.p1.note(4), note(P1, headText(P1, 3, other), 0), world.p1.note(2), world.p1.note(1)] }))).p1).toEqual(["L405@2"]);
    expect((await found((world) => ({ checkpoints: [world.p1.note(2), world.p1.note(4), world.p1.note(4), note(P1, headText(P1, 4, other), 0)] }))).p1).toEqual(["L405@2"]);
  });
  test("by nobody trusted", async () => {
    const { p1, counts } = await found(() => ({ checkpoints: [note(P1, headText(P1, 3, other), STRANGER)] }));
    expect([p1, counts.references]).toEqual([["L402"], 0]);
    const bad = line(P1, keyIdOf(P1, 0), signature("other", 0));
    expect((await found((world) => ({ checkpoints: [`${world.p1.note(4)}${bad}`] }))).p1).toEqual(["L402"]);
  });

  const P2 = "example.org/ledger/p/p2";
  const listed = (/** @type {World} */ world) => {
    world.org.entries.push(entry(event("ledger.checkpoint_signed", { key_id: "00000000", origin: P2, root: hexOf(other), size: 3 })));
    world.org.sizes = [1, 3];
    world.streams = [...world.streams, /** @type {any} */ ({ files: () => ({}), row: () => ({ id: idOf(P2), included: false, origin: P2, reason: "r", root: hexOf(other), size: 3 }) })];
  };
  test.each([[3, other, [0], []], [2, sha(), [0], []], [3, sha(), [0], ["L405"]], [4, other, [0], ["L406"]], [3, other, [STRANGER], ["L402"]]])("of a stream that is listed only: size %i", async (size, root, signers, codes) => {
    expect((await found(() => ({ checkpoints: [note(P2, headText(P2, size, bytes(root)), ...signers)] }), listed)).bundle).toEqual(codes);
  });
  test("of a stream that is not listed", async () => expect((await found(() => ({ checkpoints: [note(P2, headText(P2, 3, other), 0)] }))).bundle).toEqual(["L403"]));
  test("receipts of streams that are not included", async () => {
    expect((await found((world) => ({ receipts: [receiptOf(world, 1, null, { origin: P2 })] }))).bundle).toEqual(["L704", "N903"]);
    expect((await found((world) => ({ receipts: [receiptOf(world, 1, null, { origin: P2 })] }), listed)).bundle).toEqual(["L704", "N903"]);
  });
});

describe("receipts (L704, L702, L406)", () => {
  test("that hold", async () => {
    const { codes, counts } = await found((world) => ({ receipts: [receiptOf(world, 1, 3), receiptOf(world, 0, null), receiptOf(world, 3, 4)] }));
    expect([codes, counts.receipts]).toEqual([{ "": ["N903"] }, 3]);
  });
  test.each(/** @type {[string, number, number | null, any, string[]][]} */ ([
    ["time", 1, null, { sealed_us: 5 }, ["L704@1", "L704@1"]], ["commitment", 1, null, { commitment: hexOf(other) }, ["L704@1", "L704@1"]], ["prev", 1, null, { prev: hexOf(other) }, ["L704@1", "L704@1"]],
    ["hash", 1, null, { hash: hexOf(other) }, ["L704@1", "L704@1"]], ["number", 1, null, { seq: 2 }, ["L704@2", "L704@2"]], ["number beyond", 1, null, { seq: 9 }, ["L406@4", "L704@9"]], ["proof", 1, 3, { proof: [] }, ["L702@1"]], ["proof of another hash", 1, 3, { proof: [hexOf(other)] }, ["L702@1"]],
    ["hash with its proof", 1, 2, { hash: hexOf(other) }, ["L702@1", "L704@1", "L704@1"]],
  ]))("with another %s", async (_, seq, size, change, codes) => {
    const { p1, counts } = await found((world) => ({ receipts: [receiptOf(world, seq, size, change)] }));
    expect([p1, counts.receipts]).toEqual([codes, undefined]);
  });
  test("of another entry that is whole in itself", async () => {
    const elsewhere = new World();
    elsewhere.p1.entries[1] = entry(event("image.viewed", { other: 1 }));
    for (const [at, change] of /** @type {[number, any][]} */ ([[1, {}], [2, {}]])) {
      expect((await found(() => ({ receipts: [receiptOf(elsewhere, at, null, change)] }))).p1).toEqual([`L704@${at}`]);
    }
    const later = new World();
    for (const each of later.p1.entries) each.at += 1;
    expect((await found(() => ({ receipts: [receiptOf(later, 0, null)] }))).p1).toEqual(["L704@0"]);
  });
  test("with a checkpoint of another tree", async () => {
    const elsewhere = new World();
    elsewhere.p1.entries[3] = entry(event("image.viewed", { other: 1 }));
    expect((await found(() => ({ receipts: [receiptOf(elsewhere, 1, 4)] }))).p1).toEqual(["L405@0"]);
    elsewhere.p1.entries.push(entry(event("image.viewed", {})));
    expect((await found(() => ({ receipts: [receiptOf(elsewhere, 1, 5)] }))).p1).toEqual(["L406@4"]);
  });
  test("with a checkpoint of another stream or by nobody", async () => {
    expect((await found((world) => ({ receipts: [receiptOf(world, 1, 3, { checkpoint: note(P1, headText(P1, 3, world.p1.root(3)), STRANGER) })] }))).p1).toEqual(["L402"]);
    const { p1 } = await found((world) => ({ receipts: [receiptOf(world, 1, 3, { checkpoint: note(ORG, headText(ORG, 3, world.p1.root(3)), 0) })] }));
    expect(p1).toEqual(expect.arrayContaining(["L402", "L403"]));
  });
  test("among those of other streams", async () => {
    const { codes, counts } = await found((world) => ({ checkpoints: [world.org.note(1)], receipts: [receiptOf(world, 1, 3)] }));
    expect([codes, counts]).toEqual([{}, expect.objectContaining({ references: 1, receipts: 1 })]);
  });
});

describe("witnesses (L409)", () => {
  /** @param {(text: string, stream: string) => string} lines on the newest checkpoints @param {any} [brought] */
  const witnessed = (lines, brought = { witnesses: [NAMED] }) => found(() => brought, (world) => (world.also = (files) => {
    for (const stream of [world.p1, world.org]) {
      const path = `${stream.folder}/checkpoint`;
      const size = stream.sizes.at(-1) ?? 0;
      files[path] = bytes(`${stream.note(size)}${lines(headText(stream.origin, size, stream.root(size)), stream.origin)}`);
    }
  }));
  test("one has cosigned", async () => expect((await witnessed((text) => cosigned(W, text, 7))).codes).toEqual({ "": ["N903"] }));
  test("none has", async () => {
    const { p1, org, verdicts } = await witnessed(() => "");
    expect([p1, org, verdicts[P1]]).toEqual([["L409"], ["L409"], ["ok", "failed"]]);
  });
  test("none was named", async () => expect((await witnessed(() => "", {})).codes).toEqual({ "": ["N903"] }));
  test("one of two", async () => expect((await witnessed((text) => cosigned(W, text, 7), { witnesses: [vkey(W, STRANGER, 4), NAMED] })).p1).toEqual([]));
  test("only the project's", async () => expect((await witnessed((text, origin) => (origin === P1 ? cosigned(W, text, 7) : ""))).codes).toEqual({ "": ["N903"], [ORG]: ["L409"] }));
  test("over other bytes", async () => {
    const { p1, verdicts, outcome } = await witnessed((text) => cosigned(W, `${text}x`, 7));
    expect([p1, verdicts[P1]]).toEqual([["L402", "L409"], ["failed", "failed"]]);
    expect(outcome.states.map((/** @type {any} */ state) => state.newest.good)).toEqual([false, false]);
  });
  test("no newest checkpoint", async () => {
    const { p1 } = await found(() => ({ witnesses: [NAMED] }), (world) => (world.also = (files) => delete files[`${world.p1.folder}/checkpoint`]));
    expect(p1).toEqual(["L401", "L409"]);
  });
});
