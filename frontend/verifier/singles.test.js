import { describe, expect, test } from "vitest";
import { World, entry, event, judged, receiptOf } from "./world.js";
import { ORG, P1, STRANGER, WITNESS, base64Of, bytes, consistency, cosigned, headText, inclusion, joined, note, sha, vkey } from "./written.js";

const other = sha(bytes("another"));
const KEY = { keys: [vkey()] };
/** @param {string} file @param {any} [given] @returns {Promise<any>} */
async function found(file, given = KEY) {
  const told = await judged(bytes(file), given);
  const [stream] = told.result.streams;
  expect([told.result.bundle, told.result.streams.length, stream?.completeness, told.outcome]).toEqual([null, 1, null, null]);
  return { ...told, stream, list: told.codes[stream?.origin ?? ""] ?? [] };
}
const SITE = new World(); // one, because ECDSA signs the same bytes otherwise each time
const world = () => SITE;

/** @param {number} seq @param {number} size @param {any} [change] @param {World} [of] @returns {string} a .tlog-proof */
function proofOf(seq, size, change = {}, of = world()) {
  const each = of.p1.entries[seq];
  const leaf = of.p1.leaves()[seq] ?? bytes([]);
  const { head = "c2sp.org/tlog-proof@v1", leaf: told = leaf, rest = each ? joined(each.salt, bytes(each.body)) : bytes([]), label = "index", index = seq, proof = inclusion(seq, of.p1.hashes().slice(0, size)), checkpoint = of.p1.note(size), extra = `extra ${base64Of(joined(told, rest))}` } = change;
  return [head, extra, `${label} ${index}`, ...proof.map(base64Of), "", checkpoint].join("\n");
}
const rewritten = (/** @type {number} */ at, /** @type {any} */ value) => {
  const leaf = /** @type {any} */ (world().p1.leaves()[1]).slice();
  leaf.set(value, at);
  return leaf;
};

describe("a proof of inclusion (C2SP tlog-proof; L701, L702)", () => {
  test("with its body", async () => {
    const { list, stream, exit } = await found(proofOf(1, 4));
    expect([list, stream.origin, stream.size, stream.root, stream.integrity, exit]).toEqual([[], P1, 4, base64Of(world().p1.root()), "ok", 0]);
  });
  test.each([0, 2, 3])("of entry %i, without its body", async (seq) => expect((await found(proofOf(seq, 4, { rest: bytes([]) }))).list).toEqual([]));
  test("in a tree of one", async () => expect((await found(proofOf(0, 1))).list).toEqual([]));
  test("without a key", async () => {
    const { list, exit } = await found(proofOf(1, 4), {});
    expect([list, exit]).toEqual([["N902"], 3]);
    expect((await found(proofOf(1, 4), { checkpoints: [note(P1, headText(P1, 2, other), STRANGER)] })).list).toEqual(["N902"]);
    expect((await found(proofOf(1, 4), { checkpoints: [note(P1, headText(P1, 4, other), 0)] })).list).toEqual(["L405@0", "N902"]);
  });
  test("with the key of the stream, and one of another site", async () => {
    expect((await found(proofOf(1, 4), { keys: [vkey(P1, 0)] })).list).toEqual([]);
    expect((await found(proofOf(1, 4), { keys: [vkey("example.com/ledger/org", 0), vkey()] })).list).toEqual([]);
    expect((await found(proofOf(1, 4), { keys: [vkey("example.com/ledger/org", 0)] })).list).toEqual(["N902"]);
    expect((await found(proofOf(1, 4), { keys: [vkey("example.org/ledger/p/p2", 0), vkey(P1, 0)] })).list).toEqual([]);
    expect((await found(proofOf(1, 4), { keys: [vkey(P1, STRANGER), vkey()] })).list).toEqual([]);
  });
  test("with the key of another stream of the site, which vouches for that stream only", async () => {
    for (const name of ["example.org/ledger/p/p2", "example.org/ledger/p/org", "example.org/ledger/other"]) {
      expect((await found(proofOf(1, 4), { keys: [vkey(name, 0)] })).list).toEqual(["N902"]);
    }
  });

  test.each(/** @type {[any, string[]][]} */ ([
    [{ extra: "more x" }, ["L701"]], [{ extra: "extra" }, ["L701"]], [{ extra: "extra !" }, ["L701"]], [{ extra: `x${proofOf(1, 4).split("\n")[1]}` }, ["L701"]], [{ extra: `${proofOf(1, 4).split("\n")[1]}\n` }, ["L401", "L701"]], [{ index: "x\nindex 1" }, ["L701"]], [{ extra: `${proofOf(1, 4).split("\n")[1]}\r` }, ["L701"]], [{ index: "1\r" }, ["L701"]], [{ rest: bytes(Array(16).fill(7)) }, ["L301@1"]], [{ leaf: bytes([1]), rest: bytes([]) }, ["L701"]], [{ rest: bytes([1]) }, ["L701"]], [{ rest: bytes(Array(15).fill(1)) }, ["L701"]],
    [{ label: "xindex" }, ["L701"]], [{ index: "01" }, ["L701"]], [{ index: "-1" }, ["L701"]], [{ index: "x" }, ["L701"]], [{ index: "" }, ["L701"]], [{ index: "12345678901234567" }, ["L701"]], [{ index: "1 " }, ["L701"]], [{ proof: [bytes([1])] }, ["L701"]], [{ proof: [sha(), bytes([1])] }, ["L701"]],
    [{ checkpoint: "x" }, ["L401"]], [{ checkpoint: "", proof: [bytes([1])] }, ["L401", "L701"]], [{ checkpoint: note(P1, "x\n", 0) }, ["L401"]],
  ]))("of another form: %j", async (change, codes) => expect((await found(proofOf(1, 4, change))).list).toEqual(codes));
  test("without an end", async () => {
    const { list, stream } = await found("c2sp.org/tlog-proof@v1\nextra x");
    expect([list, stream.origin, stream.size, stream.root]).toEqual([["L401", "L701"], "", null, null]);
  });
  test("of another form, with a checkpoint", async () => {
    const { stream } = await found(proofOf(1, 4, { index: "x" }));
    expect([stream.origin, stream.size]).toEqual([P1, 4]);
  });

});

describe("a proof of inclusion of something else", () => {
  test.each(/** @type {[string, any, string[]][]} */ ([
    ["another entry", { index: 2 }, ["L202@2", "L702@2"]], ["another hash", { proof: [other, other] }, ["L702@1"]], ["no hash", { proof: [] }, ["L702@1"]],
    ["another mark", { leaf: rewritten(0, [0]) }, ["L201@1", "L702@1"]], ["another stream", { leaf: rewritten(10, [0, 0]) }, ["L201@1", "L702@1"]], ["a time of 2^63", { leaf: rewritten(34, [0x80, 0, 0, 0, 0, 0, 0, 0]) }, ["L201@1", "L702@1"]], ["a time beyond 2^63", { leaf: rewritten(34, [0x80]) }, ["L201@1", "L702@1"]],
    ["another number", { leaf: rewritten(33, [9]) }, ["L202@1", "L702@1"]], ["another commitment", { leaf: rewritten(105, [9]) }, ["L301@1", "L702@1"]], ["another body", { rest: joined(bytes(Array(16).fill(7)), bytes("{}")) }, ["L301@1"]], ["another salt", { rest: joined(bytes(Array(16).fill(1)), bytes(world().p1.entries[1]?.body ?? "")) }, ["L301@1"]],
    ["a checkpoint by nobody", { checkpoint: note(P1, headText(P1, 4, world().p1.root()), STRANGER) }, ["L402"]], ["a checkpoint of another root", { checkpoint: note(P1, headText(P1, 4, other), 0) }, ["L702@1"]],
  ]))("with %s", async (_, change, codes) => expect((await found(proofOf(1, 4, change))).list).toEqual(codes));

});

describe("what a proof of inclusion proves", () => {
  test.each([["{} ", "L303@1"], [event("image.viewed", {}, { at: "now" }), "L304@1"]])("of a body %j", async (body, code) => {
    const of = new World();
    of.p1.entries[1] = entry(body);
    expect((await found(proofOf(1, 4, {}, of))).list).toEqual([code]);
  });
  test("a body of 1 MiB and one byte more", async () => {
    const of = new World();
    const large = (/** @type {number} */ length) => event("image.viewed", { text: "x".repeat(length - event("image.viewed", { text: "" }).length) });
    of.p1.entries[1] = entry(large(1024 * 1024));
    expect((await found(proofOf(1, 4, {}, of))).list).toEqual([]);
    of.p1.entries[1] = entry(large(1024 * 1024 + 1));
    expect((await found(proofOf(1, 4, {}, of))).list).toEqual(["L701"]);
  });

  test("against references", async () => {
    const given = (/** @type {string[]} */ ...checkpoints) => ({ ...KEY, checkpoints });
    expect((await found(proofOf(1, 4), given(world().p1.note(4), world().p1.note(2), world().org.note(1)))).list).toEqual([]);
    expect((await found(proofOf(1, 4), given(note(P1, headText(P1, 4, other), 0)))).list).toEqual(["L405@0"]);
    expect((await found(proofOf(1, 4), given(note(P1, headText(P1, 3, other), 0)))).list).toEqual([]);
    expect((await found(proofOf(1, 4), given(note(P1, headText(P1, 4, other), STRANGER)))).list).toEqual(["L402"]);
    expect((await found(proofOf(1, 4), given(note(ORG, headText(ORG, 4, other), STRANGER)))).list).toEqual([]);
  });
});

describe("a proof of consistency (C2SP tlog add-checkpoint; L703)", () => {
  /** @param {number | string} old @param {any} [change] @returns {string} */
  const growth = (old, { proof = consistency(Number(old), world().p1.hashes()), checkpoint = world().p1.note(4), end = "\n" } = {}) => `old ${old}\n${proof.map((/** @type {any} */ each) => `${base64Of(each)}\n`).join("")}${end}${checkpoint}`;
  const from = (/** @type {number} */ size) => ({ ...KEY, checkpoints: [world().p1.note(size)] });

  test.each([1, 2, 3, 4])("from %i", async (size) => {
    const { list, stream, exit } = await found(growth(size), from(size));
    expect([list, stream.origin, stream.size, exit]).toEqual([[], P1, 4, 0]);
  });
  test("without a reference nothing says where it starts", async () => {
    const { list, exit } = await found(growth(2));
    expect([list, exit]).toEqual([["N903"], 3]);
    expect((await found(growth(2), from(3))).list).toEqual(["N903"]);
    expect((await found(growth(2), {})).list).toEqual(["N902", "N903"]);
  });
  test.each(/** @type {[string, any, string[]][]} */ ([
    ["0", {}, ["L701"]], ["01", {}, ["L701"]], ["x", { proof: [] }, ["L701"]], ["12345678901234567", { proof: [] }, ["L701"]], ["2 ", { proof: [] }, ["L701"]], ["2\nold 2", { proof: [] }, ["L701"]], ["2", { proof: [bytes([1])] }, ["L701"]], ["2", { checkpoint: "x" }, ["L401"]], ["2", { end: "" }, ["L401", "L701"]],
    ["2", { proof: [other] }, ["L703"]], ["2", { proof: [] }, ["L703"]], ["5", { proof: [other] }, ["L703", "N903"]], ["2", { checkpoint: note(P1, headText(P1, 4, other), 0) }, ["L703"]], ["2", { checkpoint: note(P1, headText(P1, 4, world().p1.root()), STRANGER) }, ["L402"]],
  ]))("from %j with %j", async (old, change, codes) => expect((await found(growth(old, change), from(2))).list).toEqual(codes));
  test("of another form, with a checkpoint", async () => expect((await found(growth("x", { proof: [] }))).stream).toMatchObject({ origin: P1, size: 4 }));
  test("to a tree that contradicts a reference", async () => {
    expect((await found(growth(2), { ...KEY, checkpoints: [world().p1.note(2), note(P1, headText(P1, 4, other), 0)] })).list).toEqual(["L405@0"]);
    expect((await found(growth(2), { ...KEY, checkpoints: [world().p1.note(2), note(P1, headText(P1, 2, other), 0)] })).list).toEqual(["L703"]);
    expect((await found(growth(2), { ...KEY, checkpoints: [note(P1, headText(P1, 2, other), STRANGER)] })).list).toEqual(["L402", "N903"]);
  });
});

describe("witnesses of single files (L409)", () => {
  const W = "witness.example/w";
  const text = headText(P1, 4, world().p1.root());
  const given = (/** @type {any} */ more = {}) => ({ ...KEY, witnesses: [vkey(W, WITNESS, 4)], ...more });
  const noted = (/** @type {string} */ line) => ({ checkpoint: `${world().p1.note(4)}${line}` });
  const receipt = (/** @type {string} */ line) => receiptOf(world(), 1, 4, noted(line));
  test.each(/** @type {[string, string, string[], number][]} */ ([["cosigned", cosigned(W, text, 7), [], 0], ["not cosigned", "", ["L409"], 1], ["cosigned by a line that fails", cosigned(W, "x", 7), ["L402", "L409"], 1]]))("%s", async (_, line, codes, exit) => {
    const growth = `old 4\n\n${world().p1.note(4)}${line}`;
    for (const [file, more] of /** @type {[string, any][]} */ ([[proofOf(1, 4, noted(line)), {}], [receipt(line), {}], [growth, { checkpoints: [world().p1.note(4)] }]])) {
      const told = await found(file, given(more));
      expect([told.list, told.exit]).toEqual([codes, exit]);
    }
  });
  test("a receipt without a checkpoint has none", async () => expect((await found(receiptOf(world(), 1, null), given())).list).toEqual([]));
});

describe("a receipt (L704)", () => {
  test("with a checkpoint, and without", async () => {
    const { list, stream, exit } = await found(receiptOf(world(), 1, 3));
    expect([list, stream.origin, stream.size, stream.root, exit]).toEqual([[], P1, 3, base64Of(world().p1.root(3)), 0]);
    const early = await found(receiptOf(world(), 1, null));
    expect([early.list, early.stream.size, early.stream.root, early.exit]).toEqual([[], null, null, 0]);
    for (const size of [null, 3]) {
      const unvouched = await found(receiptOf(world(), 1, size), {});
      expect([unvouched.list, unvouched.exit]).toEqual([["N902"], 3]);
    }
  });
  test("its hash, proof and checkpoint", async () => {
    expect((await found(receiptOf(world(), 1, null, { sealed_us: 5 }))).list).toEqual(["L704@1"]);
    expect((await found(receiptOf(world(), 1, 3, { proof: [] }))).list).toEqual(["L702@1"]);
    expect((await found(receiptOf(world(), 1, 3, { checkpoint: note(P1, headText(P1, 3, world().p1.root(3)), STRANGER) }))).list).toEqual(["L402"]);
    expect((await found(receiptOf(world(), 1, 3, { checkpoint: note(ORG, headText(ORG, 3, world().p1.root(3)), 0) }))).list).toEqual(["L402", "L403"]);
  });
  test("against a reference", async () => expect((await found(receiptOf(world(), 1, 3), { ...KEY, checkpoints: [note(P1, headText(P1, 3, other), 0)] })).list).toEqual(["L405@0"]));

  test.each(["{} ", "{}", receiptOf(world(), 1, 3, { more: 1 })])("of another form: %s", async (text) => {
    const { list, stream } = await found(text);
    expect([list, stream.origin, stream.size]).toEqual([["L704"], "", null]);
  });
  test.each([
    { schema: "ledger.receipt/2" }, { checkpoint: null }, { proof: null }, { origin: "x" }, { seq: -1 }, { seq: "1" }, { sealed_us: -1 }, { sealed_us: null }, { commitment: "00" }, { hash: null }, { prev: "x" }, { proof: {} }, { proof: [1] }, { proof: ["AB"] }, { checkpoint: "x" }, { checkpoint: 7 }, { checkpoint: {} },
    { checkpoint: note(P1, "x\n", 0) }, { proof: "" },
  ])("with %j", async (change) => expect((await found(receiptOf(world(), 1, 3, change))).list).toEqual(["L704"]));
});
