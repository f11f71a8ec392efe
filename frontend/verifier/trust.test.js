import { describe, expect, test } from "vitest";
import { parseKey } from "@parts/notes.js";
import { Trust, readKeys, successionFault } from "@parts/trust.js";
import { ORG, P1, PUBLIC, STRANGER, WITNESS, bytes, hexOf, json, keyIdOf, line, note, signature, vkey } from "./written.js";

const keysOf = (/** @type {number[]} */ ...indexes) => indexes.map((index) => PUBLIC[index]);
const hexes = (/** @type {any[]} */ keys) => keys.map(hexOf).sort();
const row = (/** @type {number} */ epoch, /** @type {number | null} */ seq, /** @type {any} */ more = {}) => ({ epoch, rotated_seq: seq, vkey: vkey(ORG, epoch), ...more });
const file = (/** @type {any[]} */ keys, /** @type {any} */ more = {}) => bytes(json({ keys, org: ORG, schema: "ledger.keys/1", ...more }));

describe("keys.json", () => {
  test("one key, and three", () => {
    expect(readKeys(file([row(0, null)]), ORG)).toEqual([{ epoch: 0, rotated: null, key: parseKey(vkey()) }]);
    const epochs = readKeys(file([row(0, null), row(1, 0), row(2, 9)]), ORG);
    expect(epochs.map(({ epoch, rotated }) => [epoch, rotated])).toEqual([[0, null], [1, 0], [2, 9]]);
    expect(epochs.map(({ key }) => key.text)).toEqual([0, 1, 2].map((epoch) => vkey(ORG, epoch)));
  });

  test.each([
    [[row(0, null)], { schema: "ledger.keys/2" }, "its fields"], [[row(0, null)], { more: 1 }, "its fields"], [[row(0, null)], { org: P1 }, "another organisation"], [[], {}, "another organisation"], [[], { keys: {} }, "another organisation"], [[], { keys: null }, "another organisation"],
    [[row(1, null)], {}, "a row has"], [[row(0, null, { more: 1 })], {}, "a row has"], [[null], {}, "a row has"], [[row(0, null), row(2, 4)], {}, "a row has"],
    [[row(0, 3)], {}, "no rotation entry"], [[row(0, 0)], {}, "no rotation entry"], [[row(0, null), row(1, null)], {}, "no rotation entry"], [[row(0, null), row(1, -1)], {}, "no rotation entry"], [[row(0, null), row(1, null, { rotated_seq: "4" })], {}, "no rotation entry"],
    [[row(0, null, { vkey: 7 })], {}, "a key reads"], [[row(0, null, { vkey: vkey(ORG, 0, 4) })], {}, "not the key of a log"], [[row(0, null, { vkey: vkey(P1, 0) })], {}, "not under"],
    [[row(0, null), row(1, 4), row(2, 4)], {}, "not in order"], [[row(0, null), row(1, 4), row(2, 3)], {}, "not in order"], [[row(0, null), row(1, 4, { vkey: vkey() })], {}, "comes twice"],
  ])("%j %j is refused", (rows, more, why) => expect(() => readKeys(file(rows, more), ORG)).toThrow(why));

  test("an earlier rotation may be the organisation's first entry", () => expect(readKeys(file([row(0, null), row(1, 0), row(2, 1)]), ORG)).toHaveLength(3));
});

describe("successions", () => {
  const epochs = () => readKeys(file([row(0, null), row(1, 4)]), ORG);
  const text = (/** @type {any} */ { title = "ledger/v1 key succession", org = ORG, epoch = "1", old = vkey(), new_ = vkey(ORG, 1) } = {}) => [title, org, epoch, old, new_, ""].join("\n");
  const fault = (/** @type {string} */ told) => {
    const [before, after] = /** @type {[any, any]} */ (epochs());
    return successionFault(bytes(told), ORG, before, after);
  };

  test("signed by both keys", async () => {
    expect(await fault(note(ORG, text(), 0, 1))).toBeNull();
    expect(await fault(note(ORG, text(), 1, 0))).toBeNull();
  });

  test.each([[[0]], [[1]], [[0, STRANGER]], [[0, 0]]])("signed by %j only", async (signers) => expect(await fault(note(ORG, text(), ...signers))).toBe("it is not signed by both keys"));
  test("signed under another name", async () => expect(await fault(note(P1, text(), 0, 1))).toBe("it is not signed by both keys"));
  test.each([{ title: "ledger/v1 key" }, { org: P1 }, { epoch: "2" }, { old: vkey(ORG, 1) }, { new_: vkey() }])("over %j", async (change) => expect(await fault(note(ORG, text(change), 0, 1))).toContain("its text"));
  test("with a line that fails", async () => {
    expect(await fault(`${note(ORG, text(), 0, 1)}${line(ORG, keyIdOf(ORG, 0), signature("x", 0))}`)).toBe("it is not signed by both keys");
    await expect(successionFault(/** @type {any} */ (null), ORG, .../** @type {[any, any]} */ (epochs()))).rejects.toThrow(TypeError);
  });
  test("no note", async () => expect(await fault("x")).toContain("no text"));
});

describe("how far trust reaches", () => {
  const trust = (/** @type {string[]} */ given, /** @type {boolean[]} */ valid = [true, true, true]) => new Trust(ORG, readKeys(file([row(0, null), row(1, 4), row(2, 9)]), ORG), valid, given.map(parseKey));
  test("no key given: every key of the bundle, and none vouches", () => {
    expect(trust([]).for(P1)).toEqual({ given: false, keys: keysOf(0, 1, 2) });
    expect(trust([vkey("else.where/ledger/org", 0)]).for(P1).given).toBe(false);
    expect(trust([vkey("example.org/ledger/p/p2", 0)]).for(P1).given).toBe(false);
  });

  test.each([0, 1, 2])("the organisation's key of epoch %i reaches all of the site", (epoch) => {
    for (const origin of [ORG, P1]) {
      expect(trust([vkey(ORG, epoch)]).for(origin).given).toBe(true);
      expect(hexes(trust([vkey(ORG, epoch)]).for(origin).keys)).toEqual(hexes(keysOf(0, 1, 2)));
    }
    expect(trust([vkey(ORG, epoch)]).for("example.org/other/p").given).toBe(false);
  });

  test("the key of a stream reaches that stream only", () => {
    expect(trust([vkey(P1, 0)]).for(P1)).toMatchObject({ given: true });
    expect(trust([vkey(P1, 0)]).for(ORG).given).toBe(false);
    expect(trust([vkey(P1, 0)]).for(`${P1}2`).given).toBe(false);
  });

  test.each([[0, [true, true, false], [0, 1]], [2, [true, true, false], [2]], [2, [true, false, true], [1, 2]], [0, [true, false, true], [0]], [1, [true, false, false], [1]], [1, [true, true, false], [0, 1]], [WITNESS, [true, true, true], [WITNESS]]])("from epoch %i where the successions are %j: %j", (epoch, valid, reached) => {
    expect(hexes(trust([vkey(ORG, epoch)], valid).for(P1).keys)).toEqual(hexes(keysOf(...reached)));
  });

  test.each([[0, 0], [4, 0], [5, 1], [9, 1], [10, 2], [1000, 2]])("in force at %i: epoch %i", (n, epoch) => expect(trust([]).inForce(n)).toBe(hexOf(/** @type {any} */ (PUBLIC[epoch]))));
  test("without keys.json nothing is in force", () => expect(new Trust(ORG, [], [], []).inForce(3)).toBeNull());
});
