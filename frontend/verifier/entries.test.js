import { describe, expect, test } from "vitest";
import { genesis, readLeaf } from "@parts/entries.js";
import { World, entry, event } from "./world.js";
import { ORG, P1, big, bytes, joined, sha } from "./written.js";

/** @param {(world: World) => unknown} change @returns {Promise<any>} what is found of the project's stream */
async function found(change) {
  const world = new World();
  change(world);
  world.recorded();
  const { codes, verdicts, result } = await world.judged();
  return { codes: codes[P1] ?? [], verdict: verdicts[P1], all: codes, stream: result.streams.find((each) => each.origin === P1) };
}
const entriesFile = (/** @type {World} */ world) => `${world.p1.folder}/tile/entries/000.p/${world.p1.entries.length}`;
const tileFile = (/** @type {World} */ world) => `${world.p1.folder}/tile/0/000.p/${world.p1.entries.length}`;
const third = (/** @type {World} */ world) => /** @type {any} */ (world.p1.entries[2]);
/** @param {string[]} codes @param {string} begin @returns {string[]} */
const only = (codes, begin) => codes.filter((code) => code.startsWith(begin));

test("the bundle that all others differ from", async () => {
  const world = new World();
  const { codes, verdicts, exit, counts, result, outcome } = await world.judged();
  expect(codes).toEqual({ "": ["N903"] });
  expect(verdicts).toEqual({ [ORG]: ["ok", "ok"], [P1]: ["ok", "ok"] });
  expect([exit, counts]).toEqual([0, { checkpoints: 4, erased: 0, references: 0, signatures: 1, withheld: 0 }]);
  expect(result.streams.map(({ origin, size, root }) => [origin, size, root])).toEqual([world.org, world.p1].map((stream) => [stream.origin, stream.entries.length, Buffer.from(stream.root()).toString("base64")]));
  expect(outcome?.manifest?.org).toBe(ORG);
  expect(outcome?.states.map((state) => [[...state.roots.keys()].sort(), state.leaves.size])).toEqual([[[1, 2], 0], [[2, 4], 0]]);
});

describe("a leaf (formats.md: Stream, leaf, hash, tree)", () => {
  const leaf = joined(bytes("ledger/v1\n"), bytes(Array(16).fill(1)), big(7, 8), big(9, 8), bytes(Array(32).fill(2)), bytes(Array(32).fill(3)));
  test("its fields", () => {
    expect(readLeaf(leaf)).toEqual({ marked: true, originId: bytes(Array(16).fill(1)), seq: 7n, sealed: 9n, prev: bytes(Array(32).fill(2)), commitment: bytes(Array(32).fill(3)) });
    expect(readLeaf(bytes([0, ...leaf.slice(1)])).marked).toBe(false);
    expect(genesis(bytes([1, 2]))).toEqual(sha(bytes([0]), bytes("ledger/v1\n"), bytes([1, 2])));
  });

  test.each(/** @type {[any, string[]][]} */ ([
    [{ mark: "ledger/v2\n" }, ["L201@2"]], [{ id: sha(bytes("other")).slice(0, 16) }, ["L201@2"]], [{ seq: 3 }, ["L202@2"]], [{ prev: sha() }, ["L203@2"]],
    [{ at: 1 }, ["L204@2", "N906@2"]], [{ at: 2 ** 63 }, ["L204@2", "L204@3", "N906@2"]],
  ]))("%j", async (change, codes) => {
    expect((await found((world) => (third(world).leaf = change))).codes).toEqual(codes);
  });

  test("the first has the genesis before it", async () => expect((await found((world) => (/** @type {any} */ (world.p1.entries[0]).leaf = { prev: sha() }))).codes).toEqual(["L203@0"]));
  test("the same time twice is in order", async () => expect((await found((world) => (third(world).at -= 0))).codes).toEqual([]));
  test("a time just below 2^63", async () => expect(only((await found((world) => (/** @type {any} */ (world.p1.entries[3]).leaf = { at: 2n ** 63n - 1n }))).codes, "L")).toEqual([]));
  test("another length before it", async () => {
    expect((await found((world) => (world.also = (files) => files[entriesFile(world)]?.set([0, 105], 216)))).codes).toEqual(["L201@2"]);
  });
});

describe("entries that are not there", () => {
  test("the last ones", async () => {
    const { codes, verdict, stream } = await found((world) => (world.also = (files) => (files[entriesFile(world)] = bytes((files[entriesFile(world)] ?? bytes([])).slice(0, 216)))));
    expect(only(codes, "L20")).toEqual(["L205@2"]);
    expect([stream.size, verdict]).toEqual([2, ["failed", "failed"]]);
    expect(only(codes, "L4")).toEqual(["L406@2", "L406@2", "L406@2"]);
  });

  test("half of the last one", async () => {
    const { codes } = await found((world) => (world.also = (files) => (files[entriesFile(world)] = bytes((files[entriesFile(world)] ?? bytes([])).slice(0, -1)))));
    expect(only(codes, "L20")).toEqual(["L201@3", "L205@3"]);
  });

  test("and a hash tile of another length", async () => {
    const { codes } = await found((world) => (world.also = (files) => {
      files[entriesFile(world)] = bytes((files[entriesFile(world)] ?? bytes([])).slice(0, 216));
      files[tileFile(world)] = joined(files[tileFile(world)] ?? bytes([]), bytes([1]));
    }));
    expect(only(codes, "L20")).toEqual(["L205@2"]);
  });

  test("the whole file", async () => {
    const { codes, all } = await found((world) => (world.also = (files) => delete files[entriesFile(world)]));
    expect(only(codes, "L20")).toEqual(["L205@0"]);
    expect(all[""]).not.toContain("L106");
  });

  test("something after the last one", async () => {
    const { codes, stream } = await found((world) => (world.also = (files) => (files[entriesFile(world)] = joined(files[entriesFile(world)] ?? bytes([]), bytes([1])))));
    expect(codes).toEqual(["L201@3"]);
    expect(stream.size).toBe(4);
    expect((await found((world) => (world.also = (files) => (files[entriesFile(world)] = joined(files[entriesFile(world)] ?? bytes([]), new Uint8Array(108)))))).codes).toEqual(["L201@3"]);
  });
});

describe("hash tiles", () => {
  test("another hash", async () => {
    const { codes } = await found((world) => (world.also = (files) => files[tileFile(world)]?.set([0], 32 + 31)));
    expect(codes).toEqual(["L206@1"]);
  });
  test("missing", async () => {
    const { codes, stream } = await found((world) => (world.also = (files) => delete files[tileFile(world)]));
    expect(codes).toEqual(["L206@0"]);
    expect(stream.findings[0].message).toContain("is missing");
  });
  test("too long, too short", async () => {
    const longer = await found((world) => (world.also = (files) => (files[tileFile(world)] = joined(files[tileFile(world)] ?? bytes([]), bytes([1])))));
    expect(longer.codes).toEqual(["L206@0"]);
    expect(longer.stream.findings[0].message).toContain("another length");
    const shorter = await found((world) => (world.also = (files) => (files[tileFile(world)] = bytes((files[tileFile(world)] ?? bytes([])).slice(0, 64)))));
    expect(shorter.codes).toEqual(["L206@2"]);
    expect(shorter.stream.findings[0].message).toContain("another hash");
  });
});

/** @param {World} world @param {number} [count] */
function many(world, count = 300) {
  world.p1.entries = Array.from({ length: count }, () => entry(event("image.viewed", {})));
  world.p1.sizes = [256, count];
}

describe("more than one tile", () => {
  test("300 entries", async () => expect((await found(many)).codes).toEqual([]));
  test("256 entries", async () => {
    const { all } = await found((world) => {
      many(world, 256);
      world.p1.sizes = [256];
      world.org.sizes = [1];
    });
    expect(all).toEqual({ "": ["N903"] });
  });

  test("a fault in each tile of each level", async () => {
    const { codes } = await found((world) => {
      many(world);
      world.also = (files) => {
        for (const name of ["tile/0/000", "tile/0/001.p/44", "tile/1/000.p/1"]) files[`${world.p1.folder}/${name}`]?.set([1, 2], 0);
      };
    });
    expect(codes).toEqual(["L206@0", "L206@0", "L206@256"]);
  });

  test("600 entries, the second hash of level 1", async () => {
    expect((await found((world) => many(world, 600))).codes).toEqual([]);
    expect((await found((world) => {
      many(world, 600);
      world.also = (files) => files[`${world.p1.folder}/tile/1/000.p/2`]?.set([1, 2], 32);
    })).codes).toEqual(["L206@256"]);
  });

});

describe("entries of several bundles that are not there", () => {
  test("the second entry bundle missing", async () => {
    const { codes, stream } = await found((world) => {
      many(world);
      world.also = (files) => delete files[`${world.p1.folder}/tile/entries/001.p/44`];
    });
    expect(only(codes, "L20")).toEqual(["L205@256"]);
    expect([stream.size, stream.first_bad_seq]).toEqual([256, 256]);
    expect(stream.findings[0].message).toContain("44 of 300");
  });

  test("the first entry bundle cut: the second is not read", async () => {
    const { codes, stream } = await found((world) => {
      many(world);
      world.also = (files) => (files[`${world.p1.folder}/tile/entries/000`] = bytes((files[`${world.p1.folder}/tile/entries/000`] ?? bytes([])).slice(0, 1080)));
    });
    expect(only(codes, "L20")).toEqual(["L205@10"]);
    expect(stream.size).toBe(10);
  });
});
