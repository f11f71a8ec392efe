import { describe, expect, test } from "vitest";
import { Archive, digestAll, streamed } from "@parts/archive.js";
import { Findings } from "@parts/report.js";
import { Run } from "@parts/run.js";
import { Source } from "@parts/zip.js";
import { World, entry, event, judged, receiptOf } from "./world.js";
import { ORG, P1, STRANGER, bytes, hexOf, joined, json, keyIdOf, line, note, sha, signature, vkey, zip } from "./written.js";

/** @param {(world: World) => unknown} change @returns {Promise<any>} */
async function found(change) {
  const world = new World();
  change(world);
  const told = await world.judged();
  return { ...told, bundle: (told.codes[""] ?? []).filter((code) => code !== "N903"), p1: told.codes[P1] ?? [], org: told.codes[ORG] ?? [] };
}
const BLOB = bytes("a blob");
const NAME = hexOf(sha(BLOB));

describe("files against the manifest (L104, L105, L106)", () => {
  test("another content", async () => {
    const { bundle, result } = await found((world) => (world.behind = (files) => (/** @type {any} */ (files[2])[1] = bytes("for people?"))));
    expect(bundle).toEqual(["L104"]);
    expect(result.bundle.integrity).toBe("failed");
    expect((await found((world) => (world.behind = (files) => (/** @type {any} */ (files[2])[1] = bytes("for peoplE"))))).bundle).toEqual(["L104"]);
  });
  test("listed with another size", async () => expect((await found((world) => (world.behind = (files) => relist(files, (rows) => (rows[0].size += 1))))).bundle).toEqual(["L104"]));
  test("listed and missing", async () => expect((await found((world) => (world.behind = (files) => files.splice(2, 1)))).bundle).toEqual(["L105", "L108"]));
  test("unlisted", async () => expect((await found((world) => (world.behind = (files) => files.splice(3, 0, ["human/x", bytes("x")])))).bundle).toEqual(["L106"]));
  test("without place", async () => expect((await found((world) => (world.also = (files) => (files["more.txt"] = bytes("x"))))).bundle).toEqual(["L106"]));
  test.each(["manifest.json", "manifest.note"])("%s is not listed in itself", async (path) => {
    const { bundle } = await found((world) => (world.behind = (files) => relist(files, (rows) => rows.splice(2, 0, { path, sha256: "ab".repeat(32), size: 1 }))));
    expect(bundle).toEqual(expect.arrayContaining(["L104", "L106"]));
  });
  test("pages for people have a place", async () => expect((await found((world) => (world.also = (files) => (files["human/any.css"] = bytes("x"))))).bundle).toEqual([]));
});

/** Change what the manifest lists, and sign it again. @param {[string, any][]} files @param {(rows: any[]) => unknown} change */
function relist(files, change) {
  const manifest = JSON.parse(Buffer.from(files[0]?.[1] ?? "").toString());
  change(manifest.files);
  const content = bytes(json(manifest));
  files.splice(0, 2, ["manifest.json", content], ["manifest.note", bytes(note(ORG, `ledger/v1 bundle\n${ORG}\n${Buffer.from(sha(content)).toString("base64")}\n`, 0))]);
}

describe("required files (L108)", () => {
  test.each(["verify.py", "verify.html", "human/index.html", "keys.json"])("%s", async (path) => expect((await found((world) => (world.also = (files) => delete files[path]))).bundle).toEqual(["L108"]));
  test("manifest.json", async () => {
    const { bundle, result, exit } = await found((world) => (world.behind = (files) => files.splice(0, 1)));
    expect([bundle.filter((/** @type {string} */ code) => code !== "L101"), result.streams, exit]).toEqual([["L108"], [], 1]);
  });
  test("manifest.note", async () => expect((await found((world) => (world.behind = (files) => files.splice(1, 1)))).bundle).toEqual(["L101", "L108"]));
  test("the organisation's stream", async () => {
    const { bundle, result } = await found((world) => (world.streams = [world.p1]));
    expect([bundle, result.streams.map((/** @type {any} */ each) => each.origin)]).toEqual([["L108"], [P1]]);
  });
});

describe("the manifest (L103, L107)", () => {
  test("of another form", async () => {
    const { bundle, result } = await found((world) => (world.manifest = { schema: "other" }));
    expect([bundle, result.streams]).toEqual([["L103"], []]);
  });
  test("with rows out of order it is followed", async () => {
    const { bundle, result } = await found((world) => (world.streams = [world.p1, world.org]));
    expect([bundle, result.streams.length]).toEqual([["L103"], 2]);
  });
  test.each([[[STRANGER]], [[1]]])("signed by %j", async (signers) => expect((await found((world) => (world.signers = signers))).bundle).toEqual(["L107"]));
  const noted = (/** @type {(files: [string, any][]) => string} */ make) => found((world) => (world.behind = (files) => (/** @type {any} */ (files[1])[1] = bytes(make(files)))));
  const digest = (/** @type {any} */ content) => Buffer.from(sha(content)).toString("base64");
  test.each(/** @type {[string, (files: [string, any][]) => string, string[]][]} */ ([
    ["no note", () => "x", ["L107"]], ["over another manifest", () => note(ORG, `ledger/v1 bundle\n${ORG}\n${digest(bytes("x"))}\n`, 0), ["L107"]], ["of another kind", (files) => note(ORG, `ledger/v1 other\n${ORG}\n${digest(files[0]?.[1])}\n`, 0), ["L107"]],
    ["of another organisation", (files) => note(ORG, `ledger/v1 bundle\n${P1}\n${digest(files[0]?.[1])}\n`, 0), ["L107"]], ["under another name", (files) => note(P1, `ledger/v1 bundle\n${ORG}\n${digest(files[0]?.[1])}\n`, 0), ["L107"]],
    ["with a line that fails", (files) => `${note(ORG, `ledger/v1 bundle\n${ORG}\n${digest(files[0]?.[1])}\n`, 0)}${line(ORG, keyIdOf(ORG, 0), signature("x", 0))}`, ["L107"]], ["as it should be", (files) => note(ORG, `ledger/v1 bundle\n${ORG}\n${digest(files[0]?.[1])}\n`, 0), []],
  ]))("a note %s", async (_, make, codes) => expect((await noted(make)).bundle).toEqual(codes));
});

describe("blobs (L111)", () => {
  const holding = (/** @type {any[]} */ rows, /** @type {any} */ content = BLOB, /** @type {any} */ payload = { blobs: [NAME] }) => found((world) => {
    world.manifest = { blobs: rows };
    if (content) world.also = (files) => (files[`blobs/${NAME}`] = content);
    world.p1.entries[3] = entry(event("image.stored", payload));
    world.recorded();
  });
  const row = (/** @type {any} */ more = {}) => ({ included: true, sha256: NAME, size: BLOB.length, ...more });
  test("included, and named by an entry", async () => expect((await holding([row()])).codes).toEqual({ "": ["N903"] }));
  test("withheld", async () => expect((await holding([row({ included: false, reason: "r" })], null)).codes).toEqual({ "": ["N903"] }));
  test.each([[bytes("other!")], [bytes("longer than that")]])("other bytes: %j", async (content) => {
    const { bundle, p1 } = await holding([row()], content);
    expect([bundle, p1]).toEqual([["L111"], ["L111@3"]]);
  });
  test("of another size", async () => expect((await holding([row({ size: 1 })])).bundle).toEqual(["L111"]));
  test("not there", async () => {
    const { bundle, p1, result } = await holding([row()], null);
    expect([bundle, p1]).toEqual([["L111"], ["L111@3"]]);
    expect(result.streams[1].findings[0].message).toContain("is not what it names");
  });
  test("not listed", async () => {
    const { bundle, p1, result } = await holding([], null);
    expect([bundle, p1]).toEqual([[], ["L111@3"]]);
    expect(result.streams[1].findings[0].message).toContain("not in the bundle");
  });
  test.each([[[NAME, "cd".repeat(32)], ["L111@3"]], [7, ["L111@3"]], [NAME, []], [null, []], [[], []], [[7, null], ["L111@3", "L111@3"]], [{}, ["L111@3"]]])("an entry that names %j", async (blobs, codes) => expect((await holding([row()], BLOB, { blobs })).p1).toEqual(codes));
});

describe("the archive (L101, L102)", () => {
  test("no archive at all", async () => {
    const { result, codes, exit, outcome } = await judged(bytes("PK and nothing else"));
    expect([codes, result.bundle?.integrity, result.streams, exit, outcome?.manifest]).toEqual([{ "": ["L101"] }, "failed", [], 1, null]);
  });
  test("unsafe and repeated names", async () => {
    expect((await found((world) => (world.behind = (files) => files.splice(3, 0, ["human/../x", bytes("x")])))).bundle).toEqual(expect.arrayContaining(["L102"]));
    expect((await found((world) => (world.behind = (files) => files.splice(2, 0, ["human/INDEX.html", bytes("x")])))).bundle).toEqual(expect.arrayContaining(["L102"]));
    const twice = await found((world) => (world.behind = (files) => files.splice(3, 0, ["human/index.html", bytes("other")])));
    expect(twice.bundle).toEqual(["L101", "L102"]);
  });
  test("of a file that comes twice, the first counts", async () => {
    const { bundle } = await found((world) => (world.behind = (files) => files.splice(2, 0, ["human/index.html", bytes("other")])));
    expect(bundle).toEqual(["L101", "L102", "L104"]);
    const { bundle: read } = await found((world) => (world.behind = (files) => files.splice(4, 0, ["keys.json", bytes("{} ")])));
    expect(read).toEqual(["L101", "L102"]);
  });
  test("a header that differs from the directory", async () => {
    const whole = new World().pack();
    for (const at of [4, 8, 12, 14, 18, 22, 30]) {
      const changed = whole.slice();
      changed[at] = (changed[at] ?? 0) ^ 1;
      expect((await judged(changed)).codes[""]).toEqual(["L101", "N903"]);
    }
  });
  test("a wrong checksum", async () => {
    const good = zip([["manifest.json", bytes("{}")]]);
    const bad = joined(good);
    const at = new DataView(bad.buffer).getUint32(bad.length - 6, true) + 16;
    for (const where of [14, at]) bad[where] = (bad[where] ?? 0) ^ 1;
    const { result } = await judged(bad);
    expect(result.bundle?.findings.filter(({ code }) => code === "L101").map(({ message }) => message)).toEqual(["In the archive, the checksum of manifest.json is wrong."]);
  });
});

describe("digests of files of any size", () => {
  test("in pieces as in one", async () => {
    const content = new Uint8Array(9 * 1024 * 1024 + 7).fill(3);
    const pauses = /** @type {number[]} */ ([]);
    const run = new Run();
    run.pause = async () => void pauses.push(1);
    const told = await streamed(run, new Source(new Blob([content])), 5, content.length - 5);
    const { crc32 } = await import("node:zlib");
    expect(told).toEqual({ digest: hexOf(sha(content.subarray(5))), crc: crc32(content.subarray(5)), size: content.length - 5 });
    expect(pauses).toHaveLength(3);
    expect((await streamed(run, new Source(new Blob([content])), 5, 5_000_000)).digest).toBe(hexOf(sha(content.subarray(5, 5_000_005))));
    expect(await streamed(run, new Source(new Blob([bytes("abc")])), 1, 100)).toMatchObject({ digest: hexOf(sha(bytes("bc"))), size: 2 });
    expect(await streamed(run, new Source(new Blob([bytes("abc")])), 1, 0)).toMatchObject({ digest: hexOf(sha()), size: 0, crc: 0 });
  });

  test("members over 16 MiB are not held whole", async () => {
    const limit = 16 * 1024 * 1024;
    for (const [size, most] of /** @type {[number, number][]} */ ([[limit, limit], [limit + 1, 4 * 1024 * 1024]])) {
      const archive = new Archive(new Blob([new Uint8Array(size)]), [{ path: "x", crc: 0, size, offset: 0, start: 0 }]);
      let longest = 0;
      const read = archive.source.bytes.bind(archive.source);
      archive.source.bytes = (start, length) => ((longest = Math.max(longest, length)), read(start, length));
      await digestAll(new Run(), archive, new Findings());
      expect(longest).toBe(most);
      expect(archive.digests.get("x")).toEqual({ sha256: hexOf(sha(new Uint8Array(size))), size });
    }
  });

  test("what is counted while it runs", async () => {
    const told = /** @type {any[]} */ ([]);
    const { verifyFile } = await import("@parts/verify.js");
    const world = new World();
    const { counts } = await verifyFile(new Blob([world.pack()]), { keys: [vkey()], checkpoints: [world.p1.note(2)], receipts: [receiptOf(world, 1, 3), receiptOf(world, 2, 3)] }, { onProgress: (now) => told.push([now.phase, now.done, now.total, now.entries, now.entriesTotal]) });
    const ends = told.filter((each, i) => told[i + 1] && told[i + 1][0] !== each[0]).map((each) => each.slice(0, 4));
    expect(ends).toEqual([["", 0, 0, 0], ["files", 16, 16, 0], ["entries", 0, 6, 6], ["checkpoints", 4, 4, 6], ["signatures", 2, 2, 6], ["anchors", 0, 0, 6]]);
    expect(told.at(-1)).toEqual(["brought", 0, 3, 6, 6]);
    expect(counts).toEqual({ checkpoints: 4, erased: 0, references: 1, receipts: 2, signatures: 1, withheld: 0 });
  });
});
