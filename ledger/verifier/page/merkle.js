/**
 * The tree of RFC 6962 and the proofs of RFC 9162, over leaves of ledger/v1.
 *
 * @typedef {import("./bytes.js").Bytes} Bytes
 */
import { sameBytes } from "./bytes.js";
import { sha256 } from "./sha256.js";

const ZERO = new Uint8Array([0]);
const ONE = new Uint8Array([1]);
export const HASH_BYTES = 32;

/** @param {Bytes} leaf @returns {Bytes} SHA-256(0x00 || leaf) */
export function leafHash(leaf) {
  return sha256(ZERO, leaf);
}

/** @param {Bytes} left @param {Bytes} right @returns {Bytes} SHA-256(0x01 || left || right) */
export function nodeHash(left, right) {
  return sha256(ONE, left, right);
}

/** @param {Bytes[]} hashes @returns {boolean} */
function allHashes(...hashes) {
  return hashes.every((each) => each.length === HASH_BYTES);
}

/** @param {number} value up to 2^53 @returns {number} */
function half(value) {
  return Math.floor(value / 2);
}

/**
 * RFC 9162 section 2.1.3.2.
 *
 * @param {number} index of the leaf, from 0
 * @param {number} size of the tree
 * @param {Bytes} leaf its hash
 * @param {Bytes[]} proof
 * @param {Bytes} root
 * @returns {boolean}
 */
export function verifyInclusion(index, size, leaf, proof, root) {
  if (index < 0 || index >= size || !allHashes(leaf, root, ...proof)) return false;
  let fn = index;
  let sn = size - 1;
  let found = leaf;
  for (const step of proof) {
    if (sn === 0) return false;
    if (fn % 2 === 1 || fn === sn) {
      found = nodeHash(step, found);
      while (fn % 2 === 0) { // ends: here fn is sn, which is not 0
        fn = half(fn);
        sn = half(sn);
      }
    } else {
      found = nodeHash(found, step);
    }
    fn = half(fn);
    sn = half(sn);
  }
  return sn === 0 && sameBytes(found, root);
}

/**
 * RFC 9162 section 2.1.4.2; equal sizes need equal roots and no proof, and size1 = 0 is refused.
 *
 * @param {number} size1
 * @param {number} size2
 * @param {Bytes} root1
 * @param {Bytes} root2
 * @param {Bytes[]} proof
 * @returns {boolean}
 */
export function verifyConsistency(size1, size2, root1, root2, proof) {
  if (size1 < 1 || size1 > size2 || !allHashes(root1, root2, ...proof)) return false;
  if (size1 === size2) return proof.length === 0 && sameBytes(root1, root2);
  const path = isPowerOfTwo(size1) ? [root1, ...proof] : proof;
  let fn = size1 - 1;
  let sn = size2 - 1;
  while (fn % 2 === 1) {
    fn = half(fn);
    sn = half(sn);
  }
  let [fr, sr] = [/** @type {Bytes} */ (path[0]), /** @type {Bytes} */ (path[0])];
  for (const step of path.slice(1)) {
    if (sn === 0) return false;
    if (fn % 2 === 1 || fn === sn) {
      fr = nodeHash(step, fr);
      sr = nodeHash(step, sr);
      while (fn % 2 === 0) { // ends: here fn is sn, which is not 0
        fn = half(fn);
        sn = half(sn);
      }
    } else {
      sr = nodeHash(sr, step);
    }
    fn = half(fn);
    sn = half(sn);
  }
  return sn === 0 && sameBytes(fr, root1) && sameBytes(sr, root2);
}

/** @param {number} value at least 1 @returns {boolean} */
function isPowerOfTwo(value) {
  return Number.isInteger(Math.log2(value)) && 2 ** Math.log2(value) === value;
}

/** A tree that grows by one leaf at a time and keeps one hash a level. */
export class Tree {
  /** @param {(level: number, index: number, hash: Bytes) => void} [onTile] each hash of a C2SP hash tile */
  constructor(onTile = () => {}) {
    this.size = 0;
    this.onTile = onTile;
    /** @type {(Bytes | null)[]} the left sibling that waits at each height */
    this.waiting = [];
  }

  /** @param {Bytes} leaf its hash */
  push(leaf) {
    let hash = leaf;
    let index = this.size++;
    this.onTile(0, index, hash);
    for (let height = 0; ; height++) {
      const left = this.waiting[height];
      if (!left) {
        this.waiting[height] = hash;
        return;
      }
      hash = nodeHash(left, hash);
      this.waiting[height] = null;
      index = half(index);
      if ((height + 1) % 8 === 0) this.onTile((height + 1) / 8, index, hash);
    }
  }

  /** @returns {Bytes | null} the root over all leaves so far; null while there is none */
  root() {
    /** @type {Bytes | null} */
    let root = null;
    for (const left of this.waiting) {
      if (left) root = root ? nodeHash(left, root) : left;
    }
    return root;
  }
}
