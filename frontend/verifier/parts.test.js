import { createHash } from "node:crypto";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { rawEcdsa } from "@parts/algorithms.js";
import { base64, base64url, fromBase64, fromBase64url, fromHex, hex, utf8 } from "@parts/bytes.js";
import { CanonicalError, parseCanonical } from "@parts/canonical.js";
import { children, integerBytes, objectId, readDer, timeOf } from "@parts/der.js";
import { envelopeFault, isOrigin, microseconds } from "@parts/forms.js";
import { Tree, leafHash, nodeHash, verifyInclusion } from "@parts/merkle.js";
import { NoteError, parseCheckpoint, parseKey, parseNote } from "@parts/notes.js";
import { hashTiles, tileName, tilesOf } from "@parts/places.js";
import { Findings, exitCode } from "@parts/report.js";
import { Run, Stopped } from "@parts/run.js";
import { selfTest } from "@parts/self_test.js";
import { Sha256, crc32, sha256 } from "@parts/sha256.js";
import { isSafePath } from "@parts/zip.js";
import { ORG_KEY, textOf } from "./vectors.js";

const bytes = (/** @type {number} */ most = 300) => fc.uint8Array({ maxLength: most }).map((found) => new Uint8Array(found));

describe("bytes", () => {
  test("hex, base64 and base64url come back", () => {
    fc.assert(fc.property(bytes(), (found) => {
      expect(fromHex(hex(found))).toEqual(found);
      expect(fromBase64(base64(found))).toEqual(found);
      expect(fromBase64url(base64url(found))).toEqual(found);
    }));
  });

  test.each(["A", "AB", "AB=", "AB==", "AAA =", "AAA", "A===", "AAB="])("base64 %s has another spelling", (text) => {
    expect(fromBase64(text) === null || base64(/** @type {any} */ (fromBase64(text))) === text).toBe(true);
    expect(["AB==", "AAB="].includes(text) ? fromBase64(text) : null).toBeNull();
  });

  test.each(["0", "0G", "AB", "ab "])("hex %s is refused", (text) => expect(fromHex(text)).toBeNull());
});

describe("SHA-256 and CRC-32", () => {
  test("in any pieces the digest of the whole", () => {
    fc.assert(fc.property(fc.array(bytes(200), { maxLength: 6 }), (pieces) => {
      const digest = new Sha256();
      for (const piece of pieces) digest.update(piece);
      expect(hex(digest.digest())).toBe(createHash("sha256").update(Buffer.concat(pieces)).digest("hex"));
      expect(hex(sha256(...pieces))).toBe(createHash("sha256").update(Buffer.concat(pieces)).digest("hex"));
    }));
  });

  test.each([0, 55, 56, 63, 64, 119, 120])("of %i bytes", (length) => {
    const found = new Uint8Array(length).fill(7);
    expect(hex(sha256(found))).toBe(createHash("sha256").update(found).digest("hex"));
  });

  test("checksums go on where they ended", () => {
    fc.assert(fc.property(bytes(), bytes(), (a, b) => {
      expect(crc32(b, crc32(a))).toBe(crc32(new Uint8Array([...a, ...b])));
    }));
    expect(crc32(utf8("123456789"))).toBe(0xcbf43926);
  });
});

const json = /** @type {fc.Arbitrary<any>} */ (fc.letrec((tie) => ({
  value: fc.oneof({ maxDepth: 4 }, fc.boolean(), fc.constant(null), fc.maxSafeInteger().map((n) => n || 0), tie("text"), tie("list"), tie("object")),
  text: fc.string({ unit: "grapheme", maxLength: 8 }).filter((text) => !text.includes("\0") && text.isWellFormed()),
  list: fc.array(tie("value"), { maxLength: 4 }),
  object: fc.dictionary(fc.stringMatching(/^[!#-[\]-~]{1,8}$/), tie("value"), { maxKeys: 4 }),
}))["object"]);

/** @param {any} value @returns {string} */
function canonical(value) {
  if (Array.isArray(value)) return `[${value.map(canonical).join()}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  return `{${Object.keys(value).sort().map((key) => `${JSON.stringify(key)}:${canonical(value[key])}`).join()}}`;
}

describe("canonical JSON", () => {
  test("what is canonical is read as what it says", () => {
    fc.assert(fc.property(json, (value) => {
      expect(JSON.parse(JSON.stringify(parseCanonical(utf8(canonical(value)))))).toEqual(JSON.parse(JSON.stringify(value)));
    }));
  });

  test("one byte more or less is canonical itself or refused", () => {
    fc.assert(fc.property(json, fc.nat(), fc.integer({ min: 32, max: 126 }), (value, at, code) => {
      const text = [...canonical(value)]; // by character: half a surrogate pair is no text
      const changed = text.toSpliced(at % (text.length + 1), 0, String.fromCharCode(code)).join("");
      try {
        expect(canonical(parseCanonical(utf8(changed)))).toBe(changed);
      } catch (error) {
        expect(error).toBeInstanceOf(CanonicalError);
      }
    }), { numRuns: 500 });
  });

  test("__proto__ is a key as any other", () => {
    expect(Object.keys(parseCanonical(utf8('{"__proto__":{"a":1}}')))).toEqual(["__proto__"]);
  });

  test.each([[32, true], [33, false]])("depth %i", (depth, read) => {
    const text = `{"a":${"[".repeat(depth - 1)}${"]".repeat(depth - 1)}}`;
    if (read) parseCanonical(utf8(text));
    else expect(() => parseCanonical(utf8(text))).toThrow("deep");
  });

  test("over the limit", () => expect(() => parseCanonical(utf8('{"a":1}'), 6)).toThrow("more than 6 bytes"));
});

describe("forms", () => {
  test.each([
    ["2026-09-21T14:13:32.345670Z", BigInt(Date.UTC(2026, 8, 21, 14, 13, 32)) * 1000n + 345670n],
    ["1970-01-01T00:00:00.000001Z", 1n], ["2026-02-29T00:00:00.000000Z", null], ["2024-02-29T00:00:00.000000Z", BigInt(Date.UTC(2024, 1, 29)) * 1000n],
    ["2026-09-21T24:00:00.000000Z", null], ["2026-09-21T14:13:60.000000Z", null], ["0000-01-01T00:00:00.000000Z", null],
    ["2026-09-21T14:13:32.34567Z", null], ["2026-09-21 14:13:32.345670Z", null], ["2026-13-01T00:00:00.000000Z", null],
  ])("time %s", (text, wanted) => expect(microseconds(text)).toBe(wanted));

  test.each([["example.org/ledger/org", true], ["a/b", true], ["a", false], ["a/", false], ["/a", false], ["A/b", false], ["a/-b", false], [`a/${"b".repeat(126)}`, true], [`a/${"b".repeat(127)}`, false]])("origin %s", (text, good) => expect(isOrigin(text)).toBe(good));

  const event = () => ({ actor: "a.b:c", at: "2026-09-21T14:13:32.345670Z", event: "noun.verbed", origin: { device: null, network: null, session: "s" }, payload: {}, schema: "ledger.event/1", subject: "a:b" });
  test("a whole envelope has no fault", () => {
    expect(envelopeFault(event())).toBeNull();
    expect(envelopeFault({ ...event(), clock: {}, reason: "r", role: "r" })).toBeNull();
  });
  test.each([{ actor: "A:b" }, { subject: "a" }, { at: "now" }, { event: "noun" }, { event: "Noun.verbed" }, { payload: [] }, { schema: "ledger.event/2" }, { more: 1 }, { clock: 1 }, { clock: null }, { reason: null }, { role: 2 }, { origin: null }, { origin: { device: 1, network: null, session: null } }, { origin: { device: null, network: "00", session: null } }, { origin: { device: null, network: null } }])("a fault: %j", (change) => {
    expect(envelopeFault(/** @type {any} */ ({ ...event(), ...change }))).not.toBeNull();
  });
});

describe("tree", () => {
  test("roots are those of RFC 6962 and inclusion holds for every leaf, and for no other", () => {
    fc.assert(fc.property(fc.integer({ min: 1, max: 40 }), fc.nat(), (size, at) => {
      const leaves = Array.from({ length: size }, (_, i) => leafHash(new Uint8Array([i])));
      const tree = new Tree();
      for (const leaf of leaves) tree.push(leaf);
      const root = tree.root();
      const index = at % size;
      const proof = path(index, leaves);
      if (!root) throw new Error("no root");
      expect(hex(root)).toBe(hex(mth(leaves)));
      const leaf = /** @type {any} */ (leaves[index]);
      expect(verifyInclusion(index, size, leaf, proof, root)).toBe(true);
      expect(verifyInclusion(index, size, root, proof, root)).toBe(size === 1);
      if (proof.length) expect(verifyInclusion(index, size, leaf, proof.slice(1), root)).toBe(false);
      expect(verifyInclusion(index, size, leaf, [...proof, root], root)).toBe(false);
    }));
  });

  test("hash tiles get each hash once and in order", () => {
    const found = /** @type {string[]} */ ([]);
    const tree = new Tree((level, index) => level && found.push(`${level}/${index}`));
    for (let i = 0; i < 600; i++) tree.push(leafHash(new Uint8Array([i & 255])));
    expect(found).toEqual(["1/0", "1/1"]);
  });
});

/** @param {any[]} leaves @returns {any} RFC 9162 section 2.1.1 */
function mth(leaves) {
  if (leaves.length === 1) return leaves[0];
  const split = 2 ** Math.floor(Math.log2(leaves.length - 1));
  return nodeHash(mth(leaves.slice(0, split)), mth(leaves.slice(split)));
}

/** @param {number} index @param {any[]} leaves @returns {any[]} RFC 9162 section 2.1.3.1 */
function path(index, leaves) {
  if (leaves.length === 1) return [];
  const split = 2 ** Math.floor(Math.log2(leaves.length - 1));
  return index < split
    ? [...path(index, leaves.slice(0, split)), mth(leaves.slice(split))]
    : [...path(index - split, leaves.slice(split)), mth(leaves.slice(0, split))];
}

describe("places", () => {
  test.each([[0, "000"], [67, "067"], [1000, "x001/000"], [1234067, "x001/x234/067"]])("tile %i", (index, name) => expect(tileName(index)).toBe(name));
  test("300 entries", () => {
    expect([...hashTiles("s", 300)].map((each) => each.path)).toEqual(["s/tile/0/000", "s/tile/0/001.p/44", "s/tile/1/000.p/1"]);
    expect([...tilesOf("s", 256)].map((each) => each.path)).toEqual(["s/000"]);
  });
  test.each([["a/b.c", true], ["a/../b", false], ["./a", false], ["a//b", false], ["/a", false], ["a b", false], ["é", false], ["a".repeat(200), true], ["a".repeat(201), false]])("path %s", (name, safe) => expect(isSafePath(name)).toBe(safe));
});

describe("notes", () => {
  const note = () => textOf("reference-p1-12.note");
  test("a checkpoint", () => expect(parseCheckpoint(parseNote(utf8(note())))).toMatchObject({ origin: "example.org/ledger/p/p1", size: 12 }));
  test.each([
    ["", "no text"], ["x\n", "no text"], [`${note()}x`, "no text"], [note().replace("12", "1\u0002"), "control"], [`${note()}\n`, "another form"],
    [note().replace("\u2014", "-"), "another form"], [`${note()}${"\u2014 a AAAAAAA=\n".repeat(32)}`, "more than 32"], [note().replace(/=\n$/, "\n"), "another form"],
  ])("of another form: %j", (text, why) => expect(() => parseNote(utf8(text))).toThrow(why));
  test.each([["12", "012"], ["12", "0"], ["12", "+1"], ["example", "Example"], ["\n12\n", "\n12\nmore\n"], ["=\n\n", "\n\n"]])("a checkpoint with %j as %j", (before, after) => {
    const changed = note().replace(before, after);
    expect(() => parseCheckpoint(parseNote(utf8(changed)))).toThrow(NoteError);
  });
  test.each([ORG_KEY.slice(1), ORG_KEY.replace("98eb", "98ec"), ORG_KEY.slice(0, -4), `${ORG_KEY}A`, "a+b+c"])("a key %s is refused", (text) => expect(() => parseKey(text)).toThrow(NoteError));
});

describe("DER", () => {
  const der = (/** @type {number[]} */ ...values) => new Uint8Array(values);
  test("numbers, names and times", () => {
    expect(integerBytes(readDer(der(2, 2, 0, 0x80), 2))).toEqual(der(0x80));
    expect(objectId(readDer(der(6, 3, 0x2a, 0x86, 0x48), 6))).toBe("1.2.840");
    expect(timeOf({ tag: 0x18, content: utf8("20260921141332.5Z"), whole: der() })).toBe(Date.UTC(2026, 8, 21, 14, 13, 32, 500));
    expect(timeOf({ tag: 0x17, content: utf8("490101000000Z"), whole: der() })).toBe(Date.UTC(2049, 0, 1));
    expect(timeOf({ tag: 0x17, content: utf8("500101000000Z"), whole: der() })).toBe(Date.UTC(1950, 0, 1));
  });
  test.each([[der(2, 1)], [der(2, 0x80)], [der(2, 0x81, 1, 0)], [der(2, 0x82, 0, 200)], [der(0x1f, 1, 0)], [der(2, 1, 0, 0)], [der(3, 1, 0)], [der()]])("%j is refused", (value) => expect(() => readDer(value, 2)).toThrow());
  test("a negative or padded number is refused", () => {
    for (const value of [der(2, 1, 0x80), der(2, 2, 0, 1), der(2, 0)]) expect(() => integerBytes(readDer(value, 2))).toThrow();
  });
  test("an ECDSA signature becomes r and s of one length", () => {
    expect(rawEcdsa(der(0x30, 7, 2, 1, 5, 2, 2, 0, 0x81), 2)).toEqual(der(0, 5, 0, 0x81));
    expect(() => rawEcdsa(der(0x30, 8, 2, 3, 1, 1, 1, 2, 1, 1), 2)).toThrow("too large");
    expect(() => rawEcdsa(der(0x30, 3, 2, 1, 1), 2)).toThrow("two");
    expect(children(readDer(der(0x30, 0), 0x30))).toEqual([]);
  });
});

describe("findings", () => {
  test.each([["L101", true, false], ["L202", true, true], ["L205", false, true], ["L404", true, false], ["L405", true, true], ["L406", false, true], ["L407", false, true], ["L408", false, true], ["L409", false, true], ["N902", false, false]])("%s", (code, altered, incomplete) => {
    const findings = new Findings();
    findings.add(code, "m", 3);
    expect([findings.altered, findings.incomplete]).toEqual([altered, incomplete]);
    expect(findings.firstBad).toBe(code.startsWith("L") ? 3 : null);
  });
  test("many of one code are counted, and the smallest entry is kept", () => {
    const findings = new Findings();
    for (let seq = 99; seq >= 0; seq--) findings.add("L203", "m", seq);
    expect(findings.firstBad).toBe(0);
    expect(findings.sorted()).toHaveLength(51);
    expect(findings.sorted().at(-1)).toMatchObject({ code: "N909", message: "50 more of L203 were found and are not listed." });
  });
  test("exit codes", () => {
    expect([exitCode(["ok", null]), exitCode(["ok", "unknown"]), exitCode(["unknown", "failed"])]).toEqual([0, 3, 1]);
  });
});

test("it tests itself", async () => expect(await selfTest()).toEqual({ good: true, answers: 12, faults: 15 }));

test("a run that is stopped stops", async () => {
  const stop = new AbortController();
  const run = new Run(undefined, stop.signal);
  stop.abort();
  run.since = -1e9;
  await expect(run.pause()).rejects.toBeInstanceOf(Stopped);
});
