/** Laws that hold of whatever comes. */
import { createHash } from "node:crypto";
import fc from "fast-check";
import { expect, test } from "vitest";
import { base64, base64url, fromBase64, fromBase64url, fromHex, hex } from "@parts/bytes.js";
import { CanonicalError, parseCanonical } from "@parts/canonical.js";
import { Tree, verifyConsistency, verifyInclusion } from "@parts/merkle.js";
import { hashTiles } from "@parts/places.js";
import { Sha256, crc32, sha256 } from "@parts/sha256.js";
import { bytes, consistency, hashOf, inclusion, json, mth } from "./written.js";

const some = (most = 300) => fc.uint8Array({ maxLength: most }).map((found) => new Uint8Array(found));

test("hex, base64 and base64url come back", () => {
  fc.assert(fc.property(some(), (found) => {
    expect(fromHex(hex(found))).toEqual(found);
    expect(fromBase64(base64(found))).toEqual(found);
    expect(fromBase64url(base64url(found))).toEqual(found);
  }));
});

test("any text is refused, or is the one spelling of its bytes", () => {
  fc.assert(fc.property(fc.string({ unit: fc.constantFrom(..."AZaz09+/=-_ \n"), maxLength: 12 }), (text) => {
    const plain = fromBase64(text);
    const url = fromBase64url(text);
    if (plain) expect(base64(plain)).toBe(text);
    if (url) expect(base64url(url)).toBe(text);
  }));
});

test("SHA-256 in any pieces is the digest of the whole", () => {
  fc.assert(fc.property(fc.array(some(200), { maxLength: 6 }), (pieces) => {
    const wanted = createHash("sha256").update(Buffer.concat(pieces)).digest("hex");
    const digest = new Sha256();
    for (const piece of pieces) digest.update(piece);
    expect([hex(digest.digest()), hex(sha256(...pieces))]).toEqual([wanted, wanted]);
  }));
});

test("checksums go on where they ended", () => {
  fc.assert(fc.property(some(), some(), (a, b) => {
    expect(crc32(b, crc32(a))).toBe(crc32(new Uint8Array([...a, ...b])));
  }));
});

const anyJson = /** @type {fc.Arbitrary<any>} */ (fc.letrec((tie) => ({
  value: fc.oneof({ maxDepth: 4 }, fc.boolean(), fc.constant(null), fc.maxSafeInteger().map((n) => n || 0), tie("text"), tie("list"), tie("object")),
  text: fc.string({ unit: "grapheme", maxLength: 8 }).filter((text) => !text.includes("\0") && text.isWellFormed()),
  list: fc.array(tie("value"), { maxLength: 4 }),
  object: fc.dictionary(fc.stringMatching(/^[!#-[\]-~]{1,8}$/), tie("value"), { maxKeys: 4 }),
}))["object"]);

test("what is canonical is read as what it says", () => {
  fc.assert(fc.property(anyJson, (value) => {
    expect(JSON.parse(JSON.stringify(parseCanonical(bytes(json(value)))))).toEqual(JSON.parse(JSON.stringify(value)));
  }));
});

test("one byte more or less is canonical itself or refused", () => {
  fc.assert(fc.property(anyJson, fc.nat(), fc.integer({ min: 32, max: 126 }), (value, at, code) => {
    const text = [...json(value)]; // by character: half a surrogate pair is no text
    const changed = text.toSpliced(at % (text.length + 1), 0, String.fromCharCode(code)).join("");
    try {
      expect(json(parseCanonical(bytes(changed)))).toBe(changed);
    } catch (error) {
      expect(error).toBeInstanceOf(CanonicalError);
    }
  }), { numRuns: 500 });
});

const sizes = fc.integer({ min: 1, max: 70 });
const leavesOf = (/** @type {number} */ size) => Array.from({ length: size }, (_, i) => hashOf(bytes([i])));

test("roots are those of RFC 6962, and inclusion holds for every leaf and no other", () => {
  fc.assert(fc.property(sizes, fc.nat(), fc.nat(), (size, at, other) => {
    const leaves = leavesOf(size);
    const tree = new Tree();
    for (const leaf of leaves) tree.push(leaf);
    const root = mth(leaves);
    expect(tree.root()).toEqual(root);
    const proof = inclusion(at % size, leaves);
    const leaf = leaves[other % size] ?? root;
    expect(verifyInclusion(at % size, size, leaf, proof, root)).toBe(at % size === other % size);
  }));
});

test("consistency holds for every smaller tree, and for no other size", () => {
  fc.assert(fc.property(sizes, fc.nat(), fc.nat(), (size, at, other) => {
    const leaves = leavesOf(size);
    const before = 1 + (at % size);
    const told = 1 + (other % size);
    const fits = verifyConsistency(told, size, mth(leaves.slice(0, before)), mth(leaves), consistency(before, leaves));
    expect(fits).toBe(told === before);
  }));
});

test("hash tiles have a width for every hash", () => {
  fc.assert(fc.property(fc.integer({ min: 1, max: 200_000 }), (size) => {
    const widths = [0, 0, 0, 0];
    for (const { level, width } of hashTiles("s", size)) widths[level] = (widths[level] ?? 0) + width;
    expect(widths).toEqual([size, Math.floor(size / 256), Math.floor(size / 65_536), 0]);
  }));
});
