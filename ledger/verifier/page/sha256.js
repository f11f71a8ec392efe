/**
 * SHA-256 (FIPS 180-4) that takes its input in pieces, and CRC-32 (zip's).
 *
 * WebCrypto digests whole buffers only, and one call a hash costs more than the hash when an
 * entry is 106 bytes. `self_test.js` compares both on every start.
 *
 * @typedef {import("./bytes.js").Bytes} Bytes
 */

const BLOCK = 64;
/** @param {number} power 2 or 3 @param {number} count @returns {Int32Array} fractional bits of roots of primes */
function primeRoots(power, count) {
  const words = new Int32Array(count);
  for (let candidate = 2, found = 0; found < count; candidate++) {
    let prime = true;
    for (let i = 2; i * i <= candidate; i++) if (candidate % i === 0) prime = false;
    if (prime) words[found++] = fraction(candidate, power);
  }
  return words;
}

/** @param {number} value @param {number} power @returns {number} first 32 fractional bits, exact */
function fraction(value, power) {
  const target = BigInt(value) << BigInt(32 * power);
  let low = 0n;
  let high = 1n << 40n;
  while (high - low > 1n) {
    const middle = (low + high) >> 1n;
    if (middle ** BigInt(power) <= target) low = middle;
    else high = middle;
  }
  return Number(BigInt.asIntN(32, low));
}

const START = primeRoots(2, 8);
const ROUND = primeRoots(3, 64);
const WORDS = new Int32Array(BLOCK);

/** @param {Int32Array} state eight words, changed @param {Bytes} bytes @param {number} at */
function compress(state, bytes, at) {
  const w = WORDS;
  for (let i = 0, p = at; i < 16; i++, p += 4) {
    w[i] = (/** @type {number} */ (bytes[p]) << 24) | (/** @type {number} */ (bytes[p + 1]) << 16)
      | (/** @type {number} */ (bytes[p + 2]) << 8) | /** @type {number} */ (bytes[p + 3]);
  }
  for (let i = 16; i < BLOCK; i++) {
    const x = /** @type {number} */ (w[i - 15]);
    const y = /** @type {number} */ (w[i - 2]);
    const s0 = ((x >>> 7) | (x << 25)) ^ ((x >>> 18) | (x << 14)) ^ (x >>> 3);
    const s1 = ((y >>> 17) | (y << 15)) ^ ((y >>> 19) | (y << 13)) ^ (y >>> 10);
    w[i] = (/** @type {number} */ (w[i - 16]) + s0 + /** @type {number} */ (w[i - 7]) + s1) | 0;
  }
  rounds(state, w);
}

/** @param {Int32Array} state @param {Int32Array} w */
function rounds(state, w) {
  let [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, g = 0, h = 0] = state;
  for (let i = 0; i < BLOCK; i++) {
    const s1 = ((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7));
    const t1 = (h + s1 + ((e & f) ^ (~e & g)) + /** @type {number} */ (ROUND[i]) + /** @type {number} */ (w[i])) | 0;
    const s0 = ((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10));
    const t2 = (s0 + ((a & b) ^ (a & c) ^ (b & c))) | 0;
    h = g; g = f; f = e; e = (d + t1) | 0;
    d = c; c = b; b = a; a = (t1 + t2) | 0;
  }
  const sums = [a, b, c, d, e, f, g, h];
  for (let i = 0; i < 8; i++) state[i] = /** @type {number} */ (state[i]) + /** @type {number} */ (sums[i]);
}

/** A digest under way: `update` as often as wanted, then `digest` once. */
export class Sha256 {
  constructor() {
    this.state = START.slice();
    this.rest = new Uint8Array(BLOCK);
    this.length = 0;
  }

  /** @param {Bytes} bytes @returns {this} */
  update(bytes) {
    let held = this.length % BLOCK;
    this.length += bytes.length;
    let at = 0;
    if (held) {
      at = Math.min(BLOCK - held, bytes.length);
      for (let i = 0; i < at; i++) this.rest[held + i] = /** @type {number} */ (bytes[i]);
      held += at;
      if (held < BLOCK) return this;
      compress(this.state, this.rest, 0);
    }
    for (; at + BLOCK <= bytes.length; at += BLOCK) compress(this.state, bytes, at);
    for (let i = at; i < bytes.length; i++) this.rest[i - at] = /** @type {number} */ (bytes[i]);
    return this;
  }

  /** @returns {Bytes} 32 bytes */
  digest() {
    const held = this.length % BLOCK;
    const padded = new Uint8Array(held < 56 ? BLOCK : 2 * BLOCK);
    padded.set(this.rest.subarray(0, held));
    padded[held] = 0x80;
    const length = new DataView(padded.buffer, padded.length - 8);
    length.setUint32(0, Math.floor(this.length / 0x20000000));
    length.setUint32(4, (this.length * 8) % 0x100000000);
    for (let at = 0; at < padded.length; at += BLOCK) compress(this.state, padded, at);
    const out = new Uint8Array(32);
    const words = new DataView(out.buffer);
    this.state.forEach((word, i) => words.setInt32(4 * i, word));
    return out;
  }
}

/** @param {Bytes[]} parts @returns {Bytes} SHA-256 of the parts, one after the other */
export function sha256(...parts) {
  const digest = new Sha256();
  for (const part of parts) digest.update(part);
  return digest.digest();
}

const CRC = new Int32Array(2048);
for (let i = 0; i < 256; i++) {
  let value = i;
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
  CRC[i] = value;
}
for (let i = 256; i < 2048; i++) {
  const before = /** @type {number} */ (CRC[i - 256]);
  CRC[i] = (before >>> 8) ^ /** @type {number} */ (CRC[before & 255]);
}

/**
 * @param {Bytes} bytes
 * @param {number} [before] CRC of what came before these bytes
 * @returns {number} CRC-32 as zip stores it, unsigned
 */
export function crc32(bytes, before = 0) {
  let crc = ~before;
  let i = 0;
  const t = /** @type {any} */ (CRC);
  const b = /** @type {any} */ (bytes);
  for (; i + 8 <= bytes.length; i += 8) {
    const low = crc ^ ((b[i]) | (b[i + 1] << 8) | (b[i + 2] << 16) | (b[i + 3] << 24));
    crc = t[1792 + (low & 255)] ^ t[1536 + ((low >>> 8) & 255)] ^ t[1280 + ((low >>> 16) & 255)]
      ^ t[1024 + (low >>> 24)] ^ t[768 + b[i + 4]] ^ t[512 + b[i + 5]] ^ t[256 + b[i + 6]] ^ t[b[i + 7]];
  }
  for (; i < bytes.length; i++) crc = (crc >>> 8) ^ t[(crc ^ b[i]) & 255];
  return ~crc >>> 0;
}
