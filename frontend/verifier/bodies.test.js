import { describe, expect, test } from "vitest";
import { commitmentOf } from "@parts/bodies.js";
import { World, entry, event, judged, timeAt } from "./world.js";
import { P1, big, bytes, hexOf, joined, sha } from "./written.js";

/** @param {(world: World) => unknown} change @returns {Promise<any>} */
async function found(change) {
  const world = new World();
  world.p1.entries.push(entry(event("image.viewed", { n: 4 })), entry(event("image.viewed", { n: 5 })));
  world.p1.sizes = [2, 6];
  change(world);
  world.recorded();
  const { codes, counts, result, verdicts } = await world.judged();
  return { codes: codes[P1] ?? [], bundle: codes[""], counts, verdict: verdicts[P1], stream: result.streams.find((each) => each.origin === P1) };
}
const at = (/** @type {World} */ world, /** @type {number} */ seq) => /** @type {import("./world.js").Entry} */ (world.p1.entries[seq]);
const bodiesFile = (/** @type {World} */ world) => `${world.p1.folder}/bodies/000.p/6`;
/** @param {(content: Uint8Array) => Uint8Array | undefined} change @returns {Promise<any>} */
const edited = (change) => found((world) => (world.also = (files) => {
  const content = change(files[bodiesFile(world)] ?? bytes([]));
  if (content) files[bodiesFile(world)] = bytes(content);
  else delete files[bodiesFile(world)];
}));
const commitment = (/** @type {World} */ world, /** @type {number} */ seq) => hexOf(sha(bytes([2]), at(world, seq).salt, bytes(at(world, seq).body)));
/** The entry is carried without its body. @param {World} world @param {number} seq @param {number} kind */
function hide(world, seq, kind) {
  Object.assign(at(world, seq), { kind, commitment: bytes(Buffer.from(commitment(world, seq), "hex")) });
}

test("a commitment has its own first byte", () => expect(commitmentOf(bytes([1]), bytes([2, 3]))).toEqual(sha(bytes([2, 1, 2, 3]))));

describe("framing", () => {
  test("whole", async () => expect((await found(() => {})).codes).toEqual([]));
  test.each(/** @type {[string, (content: Uint8Array) => Uint8Array | undefined, string, string][]} */ ([
    ["missing", () => undefined, "L302@0", "ends too early"], ["empty", () => bytes([]), "L302@0", "ends too early"], ["one byte short", (all) => all.slice(0, -1), "L302@5", "ends too early"],
    ["one byte more", (all) => joined(all, bytes([0])), "L302@5", "something after"], ["cut in a head", (all) => all.slice(0, 20), "L302@0", "ends too early"], ["cut in the kind", (all) => all.slice(0, 1), "L302@0", "ends too early"],
    ["of unknown kind", (all) => joined(bytes([3]), all.slice(1)), "L302@0", "unknown kind"], ["too long", (all) => joined(all.slice(0, 17), big(1024 * 1024 + 1, 4), all.slice(21), new Uint8Array(2 ** 21)), "L302@0", "over 1 MiB"],
  ]))("%s", async (_, change, code, why) => {
    const { codes, stream } = await edited(change);
    expect(codes).toContain(code);
    expect(codes.filter((/** @type {string} */ each) => /L30[134]/.test(each))).toEqual([]);
    expect(stream.findings.find((/** @type {any} */ each) => each.code === "L302").message).toContain(why);
  });

  test("a file that goes on after the end of the archive", async () => {
    const world = new World();
    const path = `${world.p1.folder}/bodies/000.p/4`;
    world.also = (files) => {
      const content = files[path] ?? bytes([]);
      content.set(big(900_000, 4), content.length - bytes(world.p1.entries[3]?.body ?? "").length - 4);
    };
    const file = world.pack();
    const record = Buffer.from(file).lastIndexOf(path) - 46;
    new DataView(file.buffer).setUint32(record + 24, 2_000_000, true);
    expect((await judged(file)).codes[P1]).toEqual(["L302@3"]);
  });

  test("a body of 1 MiB", async () => {
    const large = (/** @type {number} */ length) => event("image.viewed", { text: "x".repeat(length - event("image.viewed", { text: "" }).length) });
    expect((await found((world) => (at(world, 4).body = large(1024 * 1024)))).codes).toEqual([]);
    expect((await found((world) => (at(world, 4).body = large(1024 * 1024 + 1)))).codes).toEqual(["L302@4"]);
  });

  test("in the second bodies file", async () => {
    const { codes, stream } = await found((world) => {
      world.p1.entries = Array.from({ length: 300 }, () => entry(event("image.viewed", {})));
      world.p1.sizes = [2, 300];
      world.also = (files) => (files[`${world.p1.folder}/bodies/001.p/44`] = bytes((files[`${world.p1.folder}/bodies/001.p/44`] ?? bytes([])).slice(0, -1)));
    });
    expect(codes).toEqual(["L302@299"]);
    expect(stream.findings[0].message).toContain("bodies/001.p/44");
  });
});

describe("what a body says", () => {
  const body = (/** @type {string | any} */ text, /** @type {any} */ more = {}) => (/** @type {World} */ world) => Object.assign(at(world, 4), { body: text, ...more });
  test("another one than was sealed", async () => expect((await found(body(event("image.viewed", {}), { commitment: sha() }))).codes).toEqual(["L301@4"]));
  test("another salt", async () => expect((await found((world) => {
    at(world, 4).commitment = bytes(Buffer.from(commitment(world, 4), "hex"));
    at(world, 4).salt = bytes(Array(16).fill(9));
  })).codes).toEqual(["L301@4"]));
  test.each(["{} ", "[]", '{"b":1,"a":2}', "not JSON"])("%j is not canonical", async (text) => expect((await found(body(text))).codes).toEqual(["L303@4"]));
  test("not canonical and not the sealed one", async () => expect((await found(body("{} ", { commitment: sha() }))).codes).toEqual(["L301@4", "L303@4"]));
  test.each([{ schema: "x" }, { at: "now" }, { actor: "x" }])("%j is no envelope", async (change) => {
    const { codes, stream } = await found(body(event("image.viewed", {}, change)));
    expect(codes).toEqual(["L304@4"]);
    expect(stream.findings[0].message).toMatch(/^Of its body, its /);
  });
});

describe("the time of the act and of its sealing (N906)", () => {
  const told = (/** @type {number} */ micro) => (/** @type {World} */ world) => Object.assign(at(world, 4), { body: event("image.viewed", {}, { at: timeAt(micro + 1) }) });
  const DAY = 24 * 3600e6;
  const LATE = 5 * 60e6;
  test.each([[0, false], [LATE, false], [LATE + 1, true], [-DAY, false], [-DAY - 1, true]])("%i µs apart", async (micro, noted) => expect((await found(told(micro))).codes).toEqual(noted ? ["N906@4"] : []));
});

describe("withheld bodies (L306)", () => {
  const listed = (/** @type {World} */ world, /** @type {any[]} */ ...rows) => (world.manifest = { withheld: rows.map(([seq, more = {}]) => ({ commitment: commitment(world, seq), origin: P1, reason: "r", seq, ...more })) });
  test("as listed", async () => {
    const { codes, counts, verdict } = await found((world) => {
      listed(world, [4], [5]);
      hide(world, 4, 2);
      hide(world, 5, 2);
    });
    expect([codes, counts.withheld, counts.erased, verdict]).toEqual([[], 2, 0, ["ok", "ok"]]);
  });

  test("not listed", async () => {
    const { codes, stream } = await found((world) => hide(world, 4, 2));
    expect(codes).toEqual(["L306@4"]);
    expect(stream.findings[0].message).toContain("not listed");
  });
  test("with another commitment", async () => {
    const { codes, stream } = await found((world) => {
      listed(world, [4, { commitment: "00".repeat(32) }]);
      hide(world, 4, 2);
    });
    expect(codes).toEqual(["L306@4"]);
    expect(stream.findings[0].message).toContain("another commitment");
  });
  test("listed and there", async () => expect((await found((world) => listed(world, [4]))).codes).toEqual(["L306@4"]));
  test("listed for another stream", async () => expect((await found((world) => {
    hide(world, 1, 2);
    listed(world, [1, { origin: world.org.origin }]);
  })).codes).toContain("L306@1"));
});

describe("erased bodies (L305, L307)", () => {
  /** @param {number} target @param {any} [payload] @param {{by?: number, hidden?: number | null}} [options] */
  const erased = (target, payload = {}, { by = 5, hidden = target } = {}) => found((world) => {
    const told = { approved_by: ["accounts.user:1", "accounts.user:2"], basis: "GDPR Art. 17", commitment: commitment(world, target), seq: target, ...payload };
    if (hidden !== null) hide(world, hidden, 0);
    at(world, by).body = event("ledger.entry_erased", told);
  });

  test("with the entry that says so", async () => {
    const { codes, counts, verdict } = await erased(4);
    expect([codes, counts.erased, counts.withheld, verdict]).toEqual([[], 1, 0, ["ok", "ok"]]);
  });
  test("without", async () => expect((await found((world) => hide(world, 4, 0))).codes).toEqual(["L305@4"]));
  test("by an entry about another one", async () => expect((await erased(3, {}, { hidden: 4 })).codes).toEqual(["L305@4", "L307@3"]));
  test("the body is still there", async () => expect((await erased(4, {}, { hidden: null })).codes).toEqual(["L307@4"]));

  test.each([
    [{ seq: "4" }, "its fields"], [{ seq: -1 }, "its fields"], [{ commitment: "00" }, "its fields"], [{ basis: "" }, "its fields"], [{ basis: 1 }, "its fields"], [{ basis: undefined }, "its fields"],
    [{ approved_by: ["accounts.user:1"] }, "two different people"], [{ approved_by: ["accounts.user:1", "accounts.user:1"] }, "two different people"], [{ approved_by: "ab" }, "two different people"], [{ approved_by: ["accounts.user:1", 2] }, "two different people"],
    [{ seq: 5 }, "does not come before"], [{ seq: 6 }, "does not come before"], [{ commitment: "00".repeat(32) }, "another commitment"],
  ])("%j is not in order", async (change, why) => {
    const { codes, stream } = await erased(4, change);
    expect(codes).toEqual(["L305@4", "L307@5"]);
    expect(stream.findings.find((/** @type {any} */ each) => each.code === "L307").message).toContain(why);
  });

  test("three people, one twice", async () => expect((await erased(4, { approved_by: ["a", "b", "a"] })).codes).toEqual([]));
});
