import { describe, expect, test } from "vitest";
import { World, entry, event } from "./world.js";
import { ORG, P1, STRANGER, bytes, idOf, note, vkey } from "./written.js";

const succession = (/** @type {number[]} */ ...signers) => note(ORG, `ledger/v1 key succession\n${ORG}\n1\n${vkey()}\n${vkey(ORG, 1)}\n`, ...signers);
const rotated = (/** @type {any} */ change = {}) => entry(event("key.rotated", { epoch: 1, new_vkey: vkey(ORG, 1), old_vkey: vkey(), ...change }));

/** A site whose key was handed on at entry 2 of its organisation. */
class Rotated extends World {
  constructor() {
    super();
    this.org.entries = [this.recordOf(2), this.recordOf(4), rotated(), entry(event("image.viewed", {}))];
    this.org.sizes = [2, 3, 4];
    this.org.signers = { 3: [0, 1], 4: [1] };
    this.keys.keys.push({ epoch: 1, rotated_seq: 2, vkey: vkey(ORG, 1) });
    this.signers = [1];
    this.succession = succession(0, 1);
    /** @type {World["also"]} */
    this.also = (files) => void (files["keys/1.note"] = bytes(this.succession));
  }
}

/** @param {(world: Rotated) => unknown} [change] @param {any} [given] @returns {Promise<any>} */
async function found(change = () => {}, given = undefined) {
  const world = new Rotated();
  change(world);
  const told = await world.judged(given);
  return { ...told, org: told.codes[ORG] ?? [], p1: told.codes[P1] ?? [], bundle: (told.codes[""] ?? []).filter((code) => code !== "N903") };
}

describe("a rotation in order", () => {
  test.each([[vkey()], [vkey(ORG, 1)]])("with the key %s", async (key) => {
    const { codes, exit } = await found(undefined, { keys: [key] });
    expect([codes, exit]).toEqual([{ "": ["N903"] }, 0]);
  });
  test("without a key", async () => expect((await found(undefined, {})).exit).toBe(3));
});

describe("the succession (L502)", () => {
  test("missing", async () => {
    const { org, result } = await found((world) => (world.also = () => {}));
    expect(org).toContain("L502@2");
    expect(result.streams[0].findings.find((/** @type {any} */ each) => each.code === "L502").message).toContain("it is missing");
  });
  test.each([[[0]], [[1]], [[0, STRANGER]]])("signed by %j", async (signers) => {
    const { org } = await found((world) => (world.succession = succession(...signers)));
    expect(org).toContain("L502@2");
  });
  test("trust does not pass along it", async () => {
    const { org, verdicts } = await found((world) => (world.succession = succession(0)));
    expect([org, verdicts[ORG]]).toEqual([["L402", "L502@2", "L505"], ["failed", "unknown"]]);
    const after = await found((world) => (world.succession = succession(0)), { keys: [vkey(ORG, 1)] });
    expect([after.org, after.p1]).toEqual([["L402", "L502@2"], ["L402", "L402"]]);
  });
  test("without the organisation's stream it is of the bundle", async () => {
    const { bundle, result } = await found((world) => {
      world.succession = succession(0);
      world.streams = [world.p1];
    });
    expect(bundle).toEqual(expect.arrayContaining(["L108", "L502"]));
    expect(result.bundle.findings.find((/** @type {any} */ each) => each.code === "L502").seq).toBeNull();
  });
});

describe("the rotation entry (L503)", () => {
  test.each([{ epoch: 2 }, { epoch: "1" }, { old_vkey: vkey(ORG, 1) }, { new_vkey: vkey() }, { new_vkey: vkey(P1, 1) }])("with %j", async (change) => expect((await found((world) => (world.org.entries[2] = rotated(change)))).org).toEqual(["L503@2"]));
  test("another entry in its place", async () => expect((await found((world) => (world.org.entries[2] = entry(event("image.viewed", {}))))).org).toEqual(["L503@2"]));
  test("one that keys.json does not name", async () => expect((await found((world) => (world.org.entries[3] = rotated()))).org).toEqual(["L503@3"]));
  test("in a project's stream it means nothing", async () => {
    expect((await found((world) => {
      world.p1.entries[3] = rotated();
      world.org.entries[1] = world.recordOf(4);
    })).codes).toEqual({ "": ["N903"] });
  });
});

describe("the first checkpoint after it (L504)", () => {
  test.each([[[0]], [[1]], [[1, STRANGER]]])("signed by %j", async (signers) => expect((await found((world) => (world.org.signers[3] = signers))).org).toContain("L504@2"));
  test("is the first of a greater size", async () => {
    const { org } = await found((world) => {
      world.org.sizes = [2, 4];
      world.org.signers = { 2: [0, 1], 4: [1] };
    });
    expect(org).toEqual(["L504@2"]);
  });
  test("is not there", async () => {
    const { org } = await found((world) => {
      world.org.sizes = [2];
    });
    expect(org).toEqual(["L407", "L504@2"]);
  });
});

describe("the key in force (L505)", () => {
  test("the organisation's checkpoints before and after", async () => {
    expect((await found((world) => (world.org.signers[4] = [0]))).org).toEqual(["L505"]);
    expect((await found((world) => (world.org.signers[2] = [1]))).org).toEqual(["L505"]);
    expect((await found((world) => (world.org.signers[3] = [0]))).org).toEqual(["L504@2", "L505"]);
    expect((await found((world) => (world.org.signers[4] = [0]))).verdicts[ORG]).toEqual(["failed", "unknown"]);
  });
  test("a project's checkpoint uses that of its record", async () => {
    const { p1, counts, outcome } = await found((world) => (world.p1.signers[4] = [1]));
    expect([p1, counts.checkpoints]).toEqual([["L505"], 4]);
    expect(outcome.states.map((/** @type {any} */ state) => state.newest.good)).toEqual([true, false]);
    expect((await found((world) => {
      world.org.entries[3] = world.recordOf(4, { key_id: "9ac6b5f8" });
      world.org.entries[1] = entry(event("image.viewed", {}));
      world.p1.signers[4] = [1];
    })).p1).toEqual(["L505"]);
  });
  test("one that nobody recorded has none", async () => {
    expect((await found((world) => {
      world.org.entries[1] = entry(event("image.viewed", {}));
      world.p1.signers[4] = [1];
    })).p1).toEqual(["L408"]);
  });
  test("the manifest's (L107)", async () => {
    expect((await found((world) => (world.signers = [0]))).bundle).toEqual(["L107"]);
    expect((await found((world) => (world.signers = [0, 1]))).bundle).toEqual([]);
    const later = (/** @type {Rotated} */ world) => {
      world.org.entries.unshift(entry(event("image.viewed", {})), entry(event("image.viewed", {})));
      world.org.sizes = [2, 5, 6];
      world.org.signers = { 5: [0, 1], 6: [1] };
      world.keys.keys[1].rotated_seq = 4;
    };
    expect((await found(later)).codes).toEqual({ "": ["N903"] });
    const A = "example.org/ledger/a";
    expect((await found((world) => {
      world.org.entries[3] = entry(event("ledger.checkpoint_signed", { key_id: "00000000", origin: A, root: "ab".repeat(32), size: 1 }));
      world.streams = [/** @type {any} */ ({ files: () => ({}), row: () => ({ id: idOf(A), included: false, origin: A, reason: "r", root: "ab".repeat(32), size: 1 }) }), ...world.streams];
    })).codes).toEqual({ "": ["N903"] });
  });
});

describe("keys.json", () => {
  test("missing (L108) or of another form (L501)", async () => {
    expect((await found((world) => (world.also = (files) => {
      files["keys/1.note"] = bytes(world.succession);
      delete files["keys.json"];
    }))).bundle).toEqual(expect.arrayContaining(["L108"]));
    expect((await found((world) => (world.keys.org = P1))).bundle).toEqual(expect.arrayContaining(["L501"]));
    expect((await found((world) => (world.also = (files) => (files["keys.json"] = bytes("{} "))))).bundle).toEqual(expect.arrayContaining(["L501"]));
  });
});
