/**
 * Signatures by WebCrypto: Ed25519, ECDSA and RSA, nothing older.
 *
 * What this browser cannot check raises no finding, because nothing was refuted, and is never
 * taken for good: `missing` names it, and while it names anything no verdict is ok.
 *
 * @typedef {import("./bytes.js").Bytes} Bytes
 * @typedef {{import: RsaHashedImportParams | EcKeyImportParams | Algorithm, verify: AlgorithmIdentifier | EcdsaParams | RsaPssParams, size: number}} Scheme
 */
import { hex } from "./bytes.js";
import { DerError, readDer, children, integerBytes } from "./der.js";

/** @type {Set<string>} algorithms this browser has not got and the bundle needed */
export const missing = new Set();

/** @type {Map<string, Promise<CryptoKey>>} */
const imported = new Map();
const KEPT_KEYS = 200;

/** @returns {SubtleCrypto | null} */
function subtle() {
  return globalThis.crypto?.subtle ?? null;
}

/** @param {string} mark @param {() => Promise<CryptoKey>} make @returns {Promise<CryptoKey>} */
function remembered(mark, make) {
  const before = imported.get(mark);
  if (before) return before;
  if (imported.size >= KEPT_KEYS) imported.clear();
  const key = make();
  imported.set(mark, key);
  return key;
}

/**
 * @param {Bytes} publicKey 32 bytes
 * @param {Bytes} signature
 * @param {Bytes} message
 * @returns {Promise<boolean>} true without a check where the browser has no Ed25519: see `missing`
 */
export async function verifyEd25519(publicKey, signature, message) {
  if (publicKey.length !== 32 || signature.length !== 64) return false;
  const crypto = subtle();
  try {
    if (!crypto) throw new DOMException("no WebCrypto", "NotSupportedError");
    const key = await remembered(`ed ${hex(publicKey)}`, () => crypto.importKey("raw", publicKey, "Ed25519", false, ["verify"]));
    return await crypto.verify("Ed25519", key, signature, message);
  } catch (error) {
    return isMissing("Ed25519", error);
  }
}

/** @param {string} name @param {unknown} error @returns {boolean} and remembers it where it is so */
function isMissing(name, error) {
  const unsupported = error instanceof Error && error.name === "NotSupportedError";
  if (unsupported) missing.add(name);
  return unsupported;
}

/** @param {number} alg COSE: -7, -8 or -257 @returns {Scheme | null} */
export function coseScheme(alg) {
  if (alg === -7) return ecdsa("P-256", "SHA-256");
  if (alg === -257) return rsa("SHA-256");
  return alg === -8 ? { import: { name: "Ed25519" }, verify: { name: "Ed25519" }, size: 0 } : null;
}

/** @param {string} hash @returns {Scheme} RSASSA-PKCS1-v1_5 */
export function rsa(hash) {
  return { import: { name: "RSASSA-PKCS1-v1_5", hash }, verify: { name: "RSASSA-PKCS1-v1_5" }, size: 0 };
}

/** @param {string} hash @param {number} saltLength @returns {Scheme} */
export function rsaPss(hash, saltLength) {
  return { import: { name: "RSA-PSS", hash }, verify: { name: "RSA-PSS", saltLength }, size: 0 };
}

const CURVES = new Map([["P-256", 32], ["P-384", 48], ["P-521", 66]]);

/** @param {string} curve @param {string} hash @returns {Scheme} */
export function ecdsa(curve, hash) {
  return { import: { name: "ECDSA", namedCurve: curve }, verify: { name: "ECDSA", hash }, size: CURVES.get(curve) ?? 0 };
}

/**
 * @param {Scheme} scheme
 * @param {Bytes} spki SubjectPublicKeyInfo, DER
 * @param {Bytes} signature as X.509, CMS and WebAuthn carry it: ECDSA in DER
 * @param {Bytes} message
 * @returns {Promise<boolean>} false for anything that is no valid signature; see `missing`
 */
export async function verifySignature(scheme, spki, signature, message) {
  const crypto = subtle();
  try {
    if (!crypto) throw new DOMException("no WebCrypto", "NotSupportedError");
    const mark = `${JSON.stringify(scheme.import)} ${hex(spki)}`;
    const key = await remembered(mark, () => crypto.importKey("spki", spki, scheme.import, false, ["verify"]));
    const raw = scheme.size ? rawEcdsa(signature, scheme.size) : signature;
    return await crypto.verify(scheme.verify, key, raw, message);
  } catch (error) {
    if (error instanceof DerError) return false;
    return isMissing(scheme.import.name, error);
  }
}

/**
 * @param {Bytes} der SEQUENCE of two INTEGERs
 * @param {number} size bytes of each number
 * @returns {Bytes} r || s, as WebCrypto wants it
 * @throws {DerError} for any other form
 */
export function rawEcdsa(der, size) {
  const numbers = children(readDer(der, 0x30));
  const raw = new Uint8Array(2 * size);
  if (numbers.length !== 2) throw new DerError("not two numbers");
  numbers.forEach((number, i) => {
    const bytes = integerBytes(number);
    if (bytes.length > size) throw new DerError("a number too large for the curve");
    raw.set(bytes, (i + 1) * size - bytes.length);
  });
  return raw;
}
