import { generateKeyPairSync } from "node:crypto";
import { describe, expect, test } from "vitest";
import { missing } from "@parts/algorithms.js";
import { UsageError, readGiven, readReceipt } from "@parts/given.js";
import { Findings } from "@parts/report.js";
import { exitOf, integrityOf, tellMissing } from "@parts/verdicts.js";
import { verifyFile } from "@parts/verify.js";
import { certificate, pem } from "./stamping.js";
import { World, receiptOf } from "./world.js";
import { ORG, P1, WITNESS, bytes, joined, vkey } from "./written.js";

const world = new World();
const PAIR = generateKeyPairSync("ec", { namedCurve: "P-256" });
const PEM = pem(certificate("a", PAIR, "a", PAIR));

describe("what the user trusts and keeps", () => {
  test("nothing", () => expect(readGiven({})).toEqual({ keys: [], references: [], receipts: [], witnesses: [], tsa: [] }));
  test("each kind", () => {
    const found = readGiven({ keys: [` ${vkey()}\n`, vkey(P1, 1)], checkpoints: [world.p1.note(4)], receipts: [receiptOf(world, 1, 3), receiptOf(world, 2, null)], witnesses: [`${vkey("w", WITNESS, 4)} `], tsa: [PEM + PEM, PEM] });
    expect(found.keys.map(({ text }) => text)).toEqual([vkey(), vkey(P1, 1)]);
    expect(found.references[0]).toMatchObject({ head: { origin: P1, size: 4, root: world.p1.root() }, note: { lines: [{ name: P1 }] } });
    const [late, early] = found.receipts;
    expect(late).toMatchObject({ origin: P1, seq: 1, sealed: BigInt(world.p1.entries[1]?.at ?? 0), hash: world.p1.hashes()[1], checkpoint: { head: { size: 3 } } });
    expect([late?.proof?.length, late?.prev, late?.commitment]).toEqual([2, world.p1.leaves()[1]?.slice(42, 74), world.p1.leaves()[1]?.slice(74)]);
    expect([early?.proof, early?.checkpoint]).toEqual([null, null]);
    expect(found.witnesses).toMatchObject([{ name: "w", kind: 4 }]);
    expect(found.tsa).toHaveLength(3);
  });

  test.each(/** @type {[any, string][]} */ ([
    [{ keys: ["x"] }, "The key cannot be used: a key reads"], [{ keys: [vkey("w", WITNESS, 4)] }, "The key cannot be used: not the key of a log"], [{ checkpoints: ["x"] }, "The reference checkpoint cannot be used: no text"], [{ receipts: ["x"] }, "The receipt cannot be used: not an object"],
    [{ receipts: ["{}"] }, "The receipt cannot be used: its fields"], [{ witnesses: ["x"] }, "The witness key cannot be used: a key reads"], [{ witnesses: [vkey()] }, "The witness key cannot be used: not the key of a witness"], [{ tsa: ["x"] }, "The certificate cannot be used: no certificate"],
  ]))("%j cannot be used", (texts, why) => {
    expect(() => readGiven(texts)).toThrow(UsageError);
    expect(() => readGiven(texts)).toThrow(why);
  });
  test("what nobody foresaw is not swallowed", () => {
    expect(() => readGiven({ tsa: /** @type {any} */ ([null]) })).toThrow(TypeError);
    expect(() => readReceipt(/** @type {any} */ (null))).toThrow(TypeError);
    expect(() => readGiven({ receipts: /** @type {any} */ ([{ toString: () => { throw new RangeError("x"); } }]) })).toThrow(RangeError);
  });
});

describe("the door", () => {
  const usage = async (/** @type {Uint8Array} */ file) => {
    await expect(verifyFile(new Blob([bytes(file)]))).rejects.toThrow(UsageError);
    await expect(verifyFile(new Blob([bytes(file)]))).rejects.toThrow("no bundle, receipt or proof");
  };
  test.each(["", "x", "old", "P", "c2sp.org/tlog-proof@v2\n", " {}", "PX", "XK"])("%j is nothing it could be", (text) => usage(bytes(text)));
  test("an archive by its first bytes or by its end", async () => {
    const whole = world.pack();
    expect((await verifyFile(new Blob([joined(bytes("junk"), whole)]))).result.bundle?.integrity).toBe("failed");
    expect((await verifyFile(new Blob([whole.slice(0, -30)]))).result.bundle?.integrity).toBe("failed");
    await usage(joined(bytes("junk"), whole.slice(0, -30)));
    await usage(joined(bytes("junk"), whole, bytes("more")));
  });
  test("a single file of 4 MiB, and no larger one", async () => {
    const large = (/** @type {number} */ size) => joined(bytes("{"), new Uint8Array(size - 1));
    const { result, exit } = await verifyFile(new Blob([large(4 * 1024 * 1024)]));
    expect([result.streams[0]?.findings.map(({ code }) => code), exit]).toEqual([["L704"], 1]);
    await usage(large(4 * 1024 * 1024 + 1));
  });
  test("what it says", async () => {
    const told = await verifyFile(new Blob([world.pack()]), { keys: [vkey()] });
    expect([told.exit, told.outcome?.given.keys.length, told.result.seconds >= 0, told.counts["checkpoints"]]).toEqual([0, 1, true, 4]);
    const single = await verifyFile(new Blob([receiptOf(world, 1, 3)]), { keys: [vkey()] });
    expect([single.exit, single.outcome, single.result.seconds >= 0, single.counts]).toEqual([0, null, true, {}]);
    await expect(verifyFile(new Blob([world.pack()]), { keys: ["x"] })).rejects.toThrow(UsageError);
  });
});

describe("verdicts (formats.md: Verifier)", () => {
  const stream = (/** @type {any} */ more = {}) => ({ origin: ORG, size: 1, root: null, integrity: "ok", completeness: "ok", first_bad_seq: null, findings: [], ...more });
  const exit = (/** @type {any} */ bundle, /** @type {any[]} */ ...streams) => exitOf({ bundle: bundle && { integrity: bundle, findings: [] }, streams, seconds: 0 });
  const noted = (/** @type {string} */ code) => ({ completeness: null, findings: [{ seq: null, code, message: "m" }] });
  test("exit codes of bundles", () => {
    expect([exit("ok", stream()), exit("failed", stream()), exit("unknown", stream()), exit("ok", stream({ integrity: "failed" })), exit("ok", stream({ completeness: "unknown" })), exit("ok", stream(), stream({ completeness: "failed" }))]).toEqual([0, 1, 3, 1, 3, 1]);
    expect(exit("ok", stream({ findings: noted("N902").findings }))).toBe(0);
  });
  test("exit codes of single files: what nothing vouches for is unknown", () => {
    expect([exit(null, stream({ completeness: null })), exit(null, stream(noted("N902"))), exit(null, stream(noted("N903"))), exit(null, stream(noted("N906")))]).toEqual([0, 3, 3, 0]);
    expect([exit(null, stream(noted("L409"))), exit(null, stream(noted("L402")))]).toEqual([1, 1]);
    expect(exit("ok", stream({ findings: noted("L409").findings }))).toBe(0);
    expect(exit(null, stream({ ...noted("N902"), integrity: "failed" }))).toBe(1);
    expect(exit(null, stream({ ...noted("N902"), integrity: "unknown" }))).toBe(3);
  });
  test("what this browser cannot check is unknown, and told", () => {
    missing.clear();
    const findings = new Findings();
    tellMissing(findings);
    expect([integrityOf(findings), findings.list]).toEqual(["ok", []]);
    missing.add("Ed25519");
    tellMissing(findings);
    expect([integrityOf(findings), findings.list.map(({ code }) => code)]).toEqual(["unknown", ["N911"]]);
    findings.add("L101", "m");
    expect(integrityOf(findings)).toBe("failed");
    missing.clear();
  });
});
