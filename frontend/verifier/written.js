/**
 * The formats written down a second time, by Node's own digests, checksums and signatures.
 *
 * Tests compare the parts with this, so nothing here is taken from them.
 */
import { createHash, createPrivateKey, createPublicKey, sign } from "node:crypto";
import { readFileSync } from "node:fs";
import { crc32 } from "node:zlib";

/** @typedef {Uint8Array<ArrayBuffer>} Bytes */
/** @typedef {{[path: string]: Bytes}} Files */

export const ORG = "example.org/ledger/org";
export const P1 = "example.org/ledger/p/p1";
const KEYS = JSON.parse(readFileSync(new URL("../../tests/data/ledger/keys.json", import.meta.url), "utf8")).keys;
const SEEDS = [...KEYS.map((/** @type {any} */ key) => key.seed), "22".repeat(32), "33".repeat(32)];
const PRIVATE = SEEDS.map((seed) => createPrivateKey({ key: Buffer.from(`302e020100300506032b657004220420${seed}`, "hex"), format: "der", type: "pkcs8" }));
/** Raw Ed25519 public keys; the first two are epochs 0 and 1 of the site, then a stranger's and a witness's. */
export const PUBLIC = PRIVATE.map((key) => bytes(createPublicKey(key).export({ format: "der", type: "spki" }).subarray(12)));
export const STRANGER = 2;
export const WITNESS = 3;

/** @param {string | Uint8Array | number[]} value @returns {Bytes} a copy; text as UTF-8 */
export function bytes(value) {
  return typeof value === "string" ? new Uint8Array(Buffer.from(value, "utf8")) : new Uint8Array(value);
}

/** @param {Uint8Array[]} parts @returns {Bytes} */
export function joined(...parts) {
  return bytes(Buffer.concat(parts));
}

/** @param {Uint8Array[]} parts @returns {Bytes} */
export function sha(...parts) {
  return bytes(createHash("sha256").update(Buffer.concat(parts)).digest());
}

/** @param {Uint8Array} value @returns {string} */
export const hexOf = (value) => Buffer.from(value).toString("hex");
/** @param {Uint8Array} value @returns {string} */
export const base64Of = (value) => Buffer.from(value).toString("base64");
/** @param {Uint8Array} value @returns {string} */
export const urlOf = (value) => Buffer.from(value).toString("base64url");

/** @param {any} value @returns {string} canonical JSON */
export function json(value) {
  if (Array.isArray(value)) return `[${value.map(json).join()}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  return `{${Object.keys(value).sort().filter((key) => value[key] !== undefined).map((key) => `${JSON.stringify(key)}:${json(value[key])}`).join()}}`;
}

/** @param {bigint | number} value @param {number} width @returns {Bytes} big-endian */
export function big(value, width) {
  return bytes(Array.from({ length: width }, (_, i) => Number((BigInt(value) >> BigInt(8 * (width - 1 - i))) & 255n)));
}

/** @param {bigint | number} value @param {number} width @returns {Bytes} little-endian */
export const little = (value, width) => big(value, width).reverse();

/** @param {string} name @param {number} key @param {number} [kind] @returns {Bytes} 4 bytes */
export function keyIdOf(name, key, kind = 1) {
  return sha(bytes(`${name}\n`), bytes([kind]), PUBLIC[key] ?? bytes([])).slice(0, 4);
}

/** @param {string} name @param {number} key @param {number} [kind] @returns {string} name+hex+base64 */
export function vkey(name = ORG, key = 0, kind = 1) {
  return `${name}+${hexOf(keyIdOf(name, key, kind))}+${base64Of(joined(bytes([kind]), PUBLIC[key] ?? bytes([])))}`;
}

/** @param {string} text @param {number} key @returns {Bytes} Ed25519 */
export function signature(text, key) {
  return bytes(sign(null, Buffer.from(text), /** @type {any} */ (PRIVATE[key])));
}

/** @param {string} name @param {Uint8Array[]} parts key id and signature @returns {string} */
export function line(name, ...parts) {
  return `\u2014 ${name} ${base64Of(joined(...parts))}\n`;
}

/** @param {string} name @param {string} text @param {number[]} keys @returns {string} a note signed by them all */
export function note(name, text, ...keys) {
  return `${text}\n${keys.map((key) => line(name, keyIdOf(name, key), signature(text, key))).join("")}`;
}

/** @param {string} name @param {string} text @param {number} at seconds @param {number} [key] @returns {string} a cosignature line (C2SP tlog-cosignature) */
export function cosigned(name, text, at, key = WITNESS) {
  return line(name, keyIdOf(name, key, 4), big(at, 8), signature(`cosignature/v1\ntime ${at}\n${text}`, key));
}

/** @param {string} origin @param {number} size @param {Uint8Array} root @returns {string} */
export const headText = (origin, size, root) => `${origin}\n${size}\n${base64Of(root)}\n`;

/** @param {string} origin @returns {string} hex of 16 bytes */
export const idOf = (origin) => hexOf(sha(bytes(origin)).slice(0, 16));
/** @param {Uint8Array} leaf @returns {Bytes} */
export const hashOf = (leaf) => sha(bytes([0]), leaf);

/** @param {Bytes[]} hashes @returns {Bytes} RFC 9162 section 2.1.1 */
export function mth(hashes) {
  if (hashes.length < 2) return hashes[0] ?? sha();
  const split = 2 ** Math.ceil(Math.log2(hashes.length) - 1);
  return sha(bytes([1]), mth(hashes.slice(0, split)), mth(hashes.slice(split)));
}

/** @param {number} index @param {Bytes[]} hashes @returns {Bytes[]} RFC 9162 section 2.1.3.1 */
export function inclusion(index, hashes) {
  if (hashes.length === 1) return [];
  const split = 2 ** Math.ceil(Math.log2(hashes.length) - 1);
  return index < split
    ? [...inclusion(index, hashes.slice(0, split)), mth(hashes.slice(split))]
    : [...inclusion(index - split, hashes.slice(split)), mth(hashes.slice(0, split))];
}

/** @param {number} size @param {Bytes[]} hashes @param {boolean} [known] @returns {Bytes[]} RFC 9162 section 2.1.4.1 */
export function consistency(size, hashes, known = true) {
  if (size === hashes.length) return known ? [] : [mth(hashes)];
  const split = 2 ** Math.ceil(Math.log2(hashes.length) - 1);
  return size <= split
    ? [...consistency(size, hashes.slice(0, split), known), mth(hashes.slice(split))]
    : [...consistency(size - split, hashes.slice(split), false), mth(hashes.slice(0, split))];
}

/** @param {string} path @param {Uint8Array} content @param {number} offset @returns {[Bytes, Bytes]} local header, directory record */
export function zipHeaders(path, content, offset) {
  const name = bytes(path);
  const told = joined(bytes([20, 0, 0, 0, 0, 0, 0, 0, 0x21, 0]), little(crc32(content), 4), little(content.length, 4), little(content.length, 4), little(name.length, 2), bytes([0, 0]));
  const local = joined(bytes("PK\u0003\u0004"), told, name);
  const outer = joined(bytes([0, 0, 0, 0, 0, 0]), little(0o100644 * 65536, 4), little(offset, 4));
  return [local, joined(bytes("PK\u0001\u0002"), bytes([20, 3]), told, outer, name)];
}

/** @param {[string, Uint8Array][]} files in their order @returns {Bytes} a zip archive of the one form */
export function zip(files) {
  const parts = [];
  const records = [];
  let offset = 0;
  for (const [path, content] of files) {
    const [local, record] = zipHeaders(path, content, offset);
    parts.push(local, content);
    records.push(record);
    offset += local.length + content.length;
  }
  const directory = joined(...records);
  const end = joined(bytes("PK\u0005\u0006"), bytes([0, 0, 0, 0]), little(files.length, 2), little(files.length, 2), little(directory.length, 4), little(offset, 4), bytes([0, 0]));
  return joined(...parts, directory, end);
}
