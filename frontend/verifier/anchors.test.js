import { generateKeyPairSync } from "node:crypto";
import { describe, expect, test } from "vitest";
import { certificate, pem, stamp } from "./stamping.js";
import { World, entry, event } from "./world.js";
import { ORG, P1, bytes, headText, hexOf, idOf, sha, vkey } from "./written.js";

const PAIR = generateKeyPairSync("ec", { namedCurve: "P-256" });
const OWN = certificate("stamps", PAIR, "stamps", PAIR);
const OTHER = certificate("else", PAIR, "else", PAIR);
const P2 = "example.org/ledger/p/p2";
const ROOT = sha(bytes("p2"));
const row = (/** @type {any} */ more = {}) => ({ kind: "rfc3161", origin: P1, path: "anchors/x/4.tsr", size: 4, ...more });

/** @param {any} anchor row of the manifest @param {(world: World) => any} [token] @param {any} [given] @param {(world: World) => unknown} [change] @returns {Promise<any>} */
async function found(anchor, token = (world) => stamp(headText(P1, 4, world.p1.root()), PAIR, OWN), given = { tsa: [pem(OWN)] }, change = () => {}) {
  const world = new World();
  change(world);
  world.manifest = { anchors: [anchor] };
  const content = token(world);
  if (content) world.also = (files) => void (files[anchor.path] = bytes(content));
  const told = await world.judged({ keys: [vkey()], ...given });
  return { ...told, list: (told.codes[""] ?? []).filter((code) => code !== "N903") };
}

describe("time stamps over checkpoints (L801, L802, N904)", () => {
  test("one that holds", async () => {
    const { list, counts, exit, result } = await found(row());
    expect([list, counts.stamps, exit, result.bundle.integrity]).toEqual([[], 1, 0, "ok"]);
  });
  test("over an older checkpoint", async () => expect((await found(row({ size: 2 }), (world) => stamp(headText(P1, 2, world.p1.root(2)), PAIR, OWN))).list).toEqual([]));
  test("no certificate given", async () => {
    const { list, counts } = await found(row(), undefined, {});
    expect([list, counts.stamps]).toEqual([["N904"], undefined]);
  });
  test("another certificate given", async () => {
    const { list, counts, result } = await found(row(), undefined, { tsa: [pem(OTHER)] });
    expect([list, counts.stamps, result.bundle.integrity]).toEqual([["L802"], undefined, "failed"]);
  });
  test("one of two given", async () => expect((await found(row(), undefined, { tsa: [pem(OTHER), pem(OWN)] })).list).toEqual([]));
  test.each(/** @type {[string, any, any][]} */ ([
    ["other bytes", {}, () => stamp("other", PAIR, OWN)], ["another size", { size: 2 }, undefined], ["a size without a checkpoint", { size: 3 }, undefined], ["another stream", { origin: ORG }, undefined], ["a stream that is not listed", { origin: P2 }, undefined], ["nothing that can be read", {}, () => bytes("x")],
  ]))("over %s", async (_, change, token) => expect((await found(row(change), token)).list).toEqual(["L801"]));

  const listing = (/** @type {World} */ world) => {
    world.org.entries.push(entry(event("ledger.checkpoint_signed", { key_id: "00000000", origin: P2, root: hexOf(ROOT), size: 3 })));
    world.org.sizes = [1, 3];
    world.streams = [...world.streams, /** @type {any} */ ({ files: () => ({}), row: () => ({ id: idOf(P2), included: false, origin: P2, reason: "r", root: hexOf(ROOT), size: 3 }) })];
  };
  const over = (/** @type {number} */ size) => () => stamp(headText(P2, size, ROOT), PAIR, OWN);
  test("over the listed head of a stream that is not included", async () => {
    expect((await found(row({ origin: P2, size: 3 }), over(3), undefined, listing)).list).toEqual([]);
    expect((await found(row({ origin: P2, size: 2 }), over(2), undefined, listing)).list).toEqual(["L801"]);
  });
  test("the head of an included stream is that of its checkpoint", async () => {
    expect((await found(row(), undefined, undefined, (world) => (world.p1.sizes = [2]))).list).toEqual(["L801"]);
  });
});

describe("other anchors (N904, L108)", () => {
  test("are carried and not judged", async () => expect((await found(row({ kind: "folder" }), () => bytes("any"))).list).toEqual(["N904"]));
  test("missing", async () => {
    expect((await found(row(), () => null)).list).toEqual(["L108"]);
    expect((await found(row({ kind: "folder" }), () => null)).list).toEqual(["L108"]);
  });
  test("in another folder", async () => expect((await found(row({ path: "human/4.tsr" }))).list).toEqual(["L108"]));
});
