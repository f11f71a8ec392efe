/** Time-stamp authorities, good and bad: DER, certificates and tokens, written by Node. */
import { constants, createHash, sign } from "node:crypto";
import { base64Of, big, bytes, hexOf, joined, sha } from "./written.js";

/** @typedef {import("./written.js").Bytes} Bytes */
/** @typedef {import("node:crypto").KeyObject} KeyObject */

/** @param {number} tag @param {Uint8Array[]} parts @returns {Bytes} a value of DER (X.690) */
export function tlv(tag, ...parts) {
  const content = joined(...parts);
  const width = content.length < 128 ? 0 : content.length < 256 ? 1 : 2;
  return joined(bytes(width ? [tag, 0x80 | width] : [tag]), big(content.length, width || 1), content);
}

export const seq = (/** @type {Uint8Array[]} */ ...parts) => tlv(0x30, ...parts);
export const set = (/** @type {Uint8Array[]} */ ...parts) => tlv(0x31, ...parts);
export const octets = (/** @type {Uint8Array} */ content) => tlv(4, content);
export const context = (/** @type {number} */ number, /** @type {Uint8Array[]} */ ...parts) => tlv(0xa0 + number, ...parts);
export const integer = (/** @type {number} */ value) => tlv(2, big(value, value > 0x7fff ? 3 : value > 0x7f ? 2 : 1));
const bits = (/** @type {Uint8Array} */ content) => tlv(3, bytes([0]), content);
const time = (/** @type {number} */ at) => tlv(0x18, bytes(new Date(at).toISOString().replace(/[-:T]|\.\d+/g, "")));
export const NULL = bytes([5, 0]);
const TRUE = bytes([1, 1, 0xff]);

/** @param {string} dotted @returns {Bytes} OBJECT IDENTIFIER */
export function oid(dotted) {
  const [top = 0, second = 0, ...rest] = dotted.split(".").map(Number);
  const arcs = [40 * top + second, ...rest].map((arc) => {
    const digits = [arc % 128];
    for (let left = Math.floor(arc / 128); left; left = Math.floor(left / 128)) digits.unshift(128 + (left % 128));
    return bytes(digits);
  });
  return tlv(6, ...arcs);
}

export const DIGESTS = /** @type {{[name: string]: string}} */ ({ sha1: "1.3.14.3.2.26", sha256: "2.16.840.1.101.3.4.2.1", sha384: "2.16.840.1.101.3.4.2.2", sha512: "2.16.840.1.101.3.4.2.3" });
const RSA = /** @type {{[name: string]: string}} */ ({ sha1: "1.2.840.113549.1.1.5", sha256: "1.2.840.113549.1.1.11", sha384: "1.2.840.113549.1.1.12", sha512: "1.2.840.113549.1.1.13" });
const ECDSA = /** @type {{[name: string]: string}} */ ({ sha1: "1.2.840.10045.4.1", sha256: "1.2.840.10045.4.3.2", sha384: "1.2.840.10045.4.3.3", sha512: "1.2.840.10045.4.3.4" });
export const STAMPING = "1.3.6.1.5.5.7.3.8";
export const AT = Date.UTC(2026, 4, 6, 7, 8, 9);
const YEAR = 365 * 24 * 3600e3;

/** @param {KeyObject} key @param {string} digest @param {{pss?: any, plain?: boolean}} [how] plain: RSA without a digest in its name @returns {Bytes} AlgorithmIdentifier */
export function algorithm(key, digest, { pss, plain } = {}) {
  if (pss) {
    const { hash = digest, mask = digest, salt = 32, maskParameters = seq(oid(DIGESTS[mask] ?? ""), NULL) } = pss;
    return seq(oid("1.2.840.113549.1.1.10"), pss.none ? bytes([]) : seq(context(0, seq(oid(DIGESTS[hash] ?? ""), NULL)), context(1, seq(oid("1.2.840.113549.1.1.8"), maskParameters)), context(2, integer(salt))));
  }
  if (key.asymmetricKeyType === "ec") return seq(oid(ECDSA[digest] ?? ""));
  return seq(oid(plain ? "1.2.840.113549.1.1.1" : (RSA[digest] ?? "")), NULL);
}

/** @param {KeyObject} key @param {Uint8Array} message @param {string} digest @param {any} [how] @returns {Bytes} */
export function signed(key, message, digest, how = {}) {
  const padding = how.pss ? { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: how.pss.salt ?? 32 } : {};
  return bytes(sign(digest, message, { key, ...padding }));
}

export const name = (/** @type {string} */ text) => seq(set(seq(oid("2.5.4.3"), tlv(12, bytes(text)))));
const identifier = (/** @type {KeyObject} */ key) => sha(bytes(key.export({ format: "der", type: "spki" })));

/** @type {Map<KeyObject, Map<string, Bytes>>} the same certificate each time, which ECDSA alone does not give */
const SIGNED = new Map();

/**
 * @param {string} who
 * @param {{publicKey: KeyObject}} pair
 * @param {string} by
 * @param {{privateKey: KeyObject}} signer
 * @param {any} [how] what is unusual
 * @returns {Bytes} certificate
 */
export function certificate(who, pair, by, signer, how = {}) {
  const { usage = [STAMPING], critical = true, ca, from = AT - YEAR, until = AT + YEAR, digest = "sha256", serial = 7, version = context(0, integer(2)), unique = [], more = [], ids = true, validity = seq(time(from), time(until)) } = how;
  const extensions = [...more];
  if (ids) extensions.push(seq(oid("2.5.29.14"), octets(octets(identifier(pair.publicKey)))));
  if (usage) extensions.push(seq(oid("2.5.29.37"), ...(critical ? [TRUE] : []), octets(seq(...usage.map(oid)))));
  if (ca !== undefined) extensions.push(seq(oid("2.5.29.19"), TRUE, octets(ca ? seq(TRUE) : seq())));
  const kind = algorithm(signer.privateKey, digest, how);
  const spki = bytes(pair.publicKey.export({ format: "der", type: "spki" }));
  const tbs = seq(version, integer(serial), kind, name(by), validity, name(who), spki, ...unique, ...(extensions.length ? [context(3, seq(...extensions))] : []));
  const before = SIGNED.get(signer.privateKey) ?? new Map();
  SIGNED.set(signer.privateKey, before);
  if (!before.has(hexOf(tbs))) before.set(hexOf(tbs), seq(tbs, kind, bits(signed(signer.privateKey, tbs, digest, how))));
  return before.get(hexOf(tbs)).slice();
}

/** @param {Uint8Array} der @returns {string} */
export const pem = (der) => `-----BEGIN CERTIFICATE-----\n${(base64Of(der).match(/.{1,64}/g) ?? []).join("\n")}\n-----END CERTIFICATE-----\n`;

/** @param {Uint8Array} der @param {string} [digest] @returns {Bytes} ESSCertIDv2 attribute value (RFC 5035), without the algorithm where it is SHA-256 */
export const pinned = (der, digest = "sha256") => seq(seq(seq(...(digest === "sha256" ? [] : [seq(oid(DIGESTS[digest] ?? ""))]), octets(bytes(createHash(digest).update(der).digest())))));

/**
 * @param {string} text that is stamped
 * @param {{privateKey: KeyObject, publicKey: KeyObject}} pair
 * @param {Bytes} own certificate
 * @param {any} [how] what is unusual or wrong
 * @returns {Bytes} TimeStampResp (RFC 3161)
 */
export function stamp(text, pair, own, how = {}) {
  const {
    digest = "sha256", status = 0, version = 1, imprint = "sha256", at = AT, carried = [own], contentType = "1.2.840.113549.1.7.2", infoType = "1.2.840.113549.1.9.16.1.4", told = infoType, by = "stamps", serial = 7, sid, attribute = "1.2.840.113549.1.9.16.2.47", pin = pinned(own), skip, twice,
    signers = 1, hashed, signing, extra = [], content = octets, crls = [], certs = true,
  } = how;
  const info = seq(integer(version), oid("1.2.3"), seq(seq(oid(DIGESTS[imprint] ?? ""), NULL), octets(bytes(createHash(imprint).update(text).digest()))), integer(9), time(at));
  const attributes = [
    ["type", seq(oid("1.2.840.113549.1.9.3"), set(oid(told)))], ["digest", seq(oid("1.2.840.113549.1.9.4"), set(octets(hashed ?? bytes(createHash(digest).update(info).digest()))))], ["pin", seq(oid(attribute), set(pin))],
  ].filter(([kind]) => kind !== skip).map(([, value]) => /** @type {Bytes} */ (value));
  if (twice) attributes.push(/** @type {Bytes} */ (attributes[0]));
  const who = sid ?? seq(name(by), integer(serial));
  const sealed = signed(pair.privateKey, set(...attributes), signing ?? digest, how);
  const signer = seq(integer(1), who, seq(oid(DIGESTS[digest] ?? ""), NULL), context(0, ...attributes), algorithm(pair.privateKey, digest, how), octets(how.signature ?? sealed));
  const data = seq(integer(3), set(seq(oid(DIGESTS[digest] ?? ""), NULL)), seq(oid(infoType), context(0, content(info))), ...(certs ? [context(0, ...carried)] : []), ...crls, set(...Array(signers).fill(signer)));
  return seq(seq(integer(status)), seq(oid(contentType), context(0, data)), ...extra);
}

/** @param {{publicKey: KeyObject}} pair @returns {Bytes} SignerIdentifier by the identifier of its key */
export const byKey = (pair) => tlv(0x80, identifier(pair.publicKey));
