import { describe, expect, test } from "vitest";
import { HASH_BYTES, Tree, leafHash, nodeHash, verifyConsistency, verifyInclusion } from "@parts/merkle.js";
import { bytes, consistency, hashOf, inclusion, mth, sha } from "./written.js";

const hashes = (/** @type {number} */ size) => Array.from({ length: size }, (_, i) => hashOf(bytes([i])));
const SIZES = [1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 16, 17];
const other = sha(bytes("other"));

test("leaf and node have their own first byte (RFC 6962 section 2.1)", () => {
  expect(leafHash(bytes("leaf"))).toEqual(sha(bytes([0]), bytes("leaf")));
  expect(nodeHash(bytes("l"), bytes("r"))).toEqual(sha(bytes([1]), bytes("l"), bytes("r")));
  expect(HASH_BYTES).toBe(32);
});

test.each(SIZES)("inclusion in a tree of %i", (size) => {
  const leaves = hashes(size);
  const root = mth(leaves);
  leaves.forEach((leaf, index) => {
    const proof = inclusion(index, leaves);
    expect(verifyInclusion(index, size, leaf, proof, root)).toBe(true);
    expect(verifyInclusion(index, size, other, proof, root)).toBe(false);
    expect(verifyInclusion(index, size, leaf, proof, other)).toBe(false);
    expect(verifyInclusion(index, size, leaf, [...proof, other], root)).toBe(false);
    if (proof.length) expect(verifyInclusion(index, size, leaf, proof.slice(0, -1), root)).toBe(false);
    for (let wrong = 0; wrong < size; wrong++) expect(verifyInclusion(wrong, size, leaf, proof, root)).toBe(wrong === index);
  });
});

test.each(SIZES)("consistency of every smaller tree with one of %i", (size) => {
  const leaves = hashes(size);
  const root = mth(leaves);
  for (let before = 1; before < size; before++) {
    const proof = consistency(before, leaves);
    const old = mth(leaves.slice(0, before));
    expect(verifyConsistency(before, size, old, root, proof)).toBe(true);
    expect(verifyConsistency(before, size, other, root, proof)).toBe(false);
    expect(verifyConsistency(before, size, old, other, proof)).toBe(false);
    expect(verifyConsistency(before, size, old, root, proof.slice(0, -1))).toBe(false);
    expect(verifyConsistency(before, size, old, root, [...proof, other])).toBe(false);
    expect(verifyConsistency(before, size, old, root, [other, ...proof.slice(1)])).toBe(false);
  }
});

describe("what no proof can be", () => {
  const [a, b] = /** @type {[any, any]} */ (hashes(2));
  const root = mth([a, b]);
  test.each([[-1, 2], [2, 2], [3, 2], [0, 0], [1, 1]])("entry %i of %i", (index, size) => {
    expect(verifyInclusion(index, size, a, [b], root)).toBe(false);
    expect(verifyInclusion(index, size, root, [], root)).toBe(false);
  });

  test("hashes of another length", () => {
    const long = bytes([...b, 0]);
    const rootOf = (/** @type {any} */ left, /** @type {any} */ right) => nodeHash(left, right);
    expect(verifyInclusion(0, 2, a, [long], rootOf(a, long))).toBe(false);
    expect(verifyInclusion(0, 2, long, [b], rootOf(long, b))).toBe(false);
    expect(verifyInclusion(0, 1, bytes([]), [], bytes([]))).toBe(false);
    expect(verifyConsistency(1, 2, long, rootOf(long, b), [b])).toBe(false);
    expect(verifyConsistency(1, 2, a, rootOf(a, long), [long])).toBe(false);
    expect(verifyConsistency(2, 2, long, long, [])).toBe(false);
  });

  test("the same size twice needs one root and no proof", () => {
    expect(verifyConsistency(2, 2, root, root, [])).toBe(true);
    expect(verifyConsistency(2, 2, root, other, [])).toBe(false);
    expect(verifyConsistency(2, 2, root, root, [a])).toBe(false);
    expect(verifyConsistency(1, 1, a, a, [])).toBe(true);
  });

  test("nothing, or a larger tree before a smaller one", () => {
    expect(verifyConsistency(0, 2, root, root, [])).toBe(false);
    expect(verifyConsistency(0, 0, root, root, [])).toBe(false);
    expect(verifyConsistency(-1, 2, root, root, [a])).toBe(false);
    expect(verifyConsistency(3, 2, root, root, [a])).toBe(false);
    expect(verifyConsistency(1, 2, a, root, [])).toBe(false);
    expect(verifyConsistency(2, 4, root, root, [])).toBe(false);
  });

});

describe("sizes", () => {
  test("the start of a proof from another size", () => {
    const leaves = hashes(8);
    for (let size = 1; size < 8; size++) {
      for (let told = 1; told < 8; told++) {
        if (told !== size) expect(verifyConsistency(told, 8, mth(leaves.slice(0, size)), mth(leaves), consistency(size, leaves))).toBe(false);
      }
    }
  });
});

test("a proof that goes on after its root", () => {
  expect(verifyInclusion(0, 1, other, [other], nodeHash(other, other))).toBe(false);
  expect(verifyConsistency(3, 1, other, other, [other])).toBe(false);
});

test("a size that floating point nearly takes for a power of two", () => {
  const [leaf, left] = /** @type {[any, any]} */ (hashes(2));
  let right = leaf;
  for (let level = 0; level < 50; level++) right = nodeHash(right, other);
  const proof = [leaf, ...Array(50).fill(other), left];
  expect(verifyConsistency(2 ** 50 + 1, 2 ** 51, nodeHash(left, leaf), nodeHash(left, right), proof)).toBe(true);
  expect(verifyConsistency(2 ** 50, 2 ** 51, left, nodeHash(left, right), [right])).toBe(true);
});

describe("a tree that grows", () => {
  test("has the root of its leaves at every size", () => {
    const tree = new Tree();
    expect(tree.root()).toBeNull();
    hashes(40).forEach((leaf, i) => {
      tree.push(leaf);
      expect(tree.size).toBe(i + 1);
      expect(tree.root()).toEqual(mth(hashes(i + 1)));
    });
  });

  test("tells each hash of a hash tile once, with level and index", () => {
    const told = /** @type {any[]} */ ([]);
    const leaves = Array.from({ length: 513 }, (_, i) => hashOf(bytes([i & 255, i >> 8])));
    const tree = new Tree((level, index, hash) => told.push([level, index, hash]));
    for (const leaf of leaves) tree.push(leaf);
    expect(told.filter(([level]) => level === 0)).toEqual(leaves.map((leaf, i) => [0, i, leaf]));
    expect(told.filter(([level]) => level)).toEqual([[1, 0, mth(leaves.slice(0, 256))], [1, 1, mth(leaves.slice(256, 512))]]);
  });

  test("tells the hash of level 2 after 65,536 leaves", () => {
    const told = /** @type {any[]} */ ([]);
    const tree = new Tree((level, index) => (level > 1 ? told.push([level, index]) : 0));
    tree.waiting = Array.from({ length: 16 }, () => other);
    tree.size = 2 ** 16 * 3 - 1;
    tree.push(other);
    expect(told).toEqual([[2, 2]]);
  });
});
