import { createHash } from "node:crypto";
import { crc32 as crcOfZlib } from "node:zlib";
import { expect, test } from "vitest";
import { Sha256, crc32, sha256 } from "@parts/sha256.js";

const digestOf = (/** @type {Uint8Array} */ bytes) => createHash("sha256").update(bytes).digest("hex");
const hexOf = (/** @type {Uint8Array} */ bytes) => Buffer.from(bytes).toString("hex");
const some = (/** @type {number} */ length) => new Uint8Array(length).map((_, i) => (i * 151 + 7 * length) % 251);

test("FIPS 180-4, its examples", () => {
  expect(hexOf(sha256())).toBe("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  expect(hexOf(sha256(new TextEncoder().encode("abc")))).toBe("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
});

test.each([1, 55, 56, 57, 63, 64, 65, 119, 120, 127, 128, 129, 1000])("of %i bytes", (length) => {
  expect(hexOf(sha256(some(length)))).toBe(digestOf(some(length)));
});

test.each([[1, 63], [1, 64], [63, 1], [64, 1], [10, 54], [10, 118], [32, 200], [60, 2], [0, 64]])("in pieces of %i and %i bytes", (first, second) => {
  const digest = new Sha256();
  expect(digest.update(some(first))).toBe(digest);
  digest.update(some(second)).update(some(5));
  expect(hexOf(digest.digest())).toBe(digestOf(Buffer.concat([some(first), some(second), some(5)])));
  expect(hexOf(sha256(some(first), some(second)))).toBe(digestOf(Buffer.concat([some(first), some(second)])));
});

test("the length of a very long message stands in 64 bits", () => {
  // Not hashed for real: the state says that so much went by, and what is padded then (FIPS 180-4
  // section 5.1.1) is written down here.
  for (const length of [64, 2 ** 29 + 64, 2 ** 32 * 5 + 128]) {
    const block = Buffer.alloc(64);
    block[0] = 0x80;
    block.writeBigUInt64BE(BigInt(length) * 8n, 56);
    const probe = new Sha256().update(new Uint8Array(block));
    const wanted = Buffer.alloc(32);
    probe.state.forEach((word, i) => wanted.writeInt32BE(word, 4 * i));
    const digest = new Sha256();
    digest.length = length;
    expect(hexOf(digest.digest())).toBe(wanted.toString("hex"));
  }
});

test.each([0, 1, 7, 8, 9, 15, 16, 17, 100])("the checksum of %i bytes is zip's", (length) => {
  expect(crc32(some(length))).toBe(crcOfZlib(some(length)));
  expect(crc32(some(length), crc32(some(11)))).toBe(crcOfZlib(Buffer.concat([some(11), some(length)])));
});

test("the checksum's known answer", () => expect(crc32(new TextEncoder().encode("123456789"))).toBe(0xcbf43926));
