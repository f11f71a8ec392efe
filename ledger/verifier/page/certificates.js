/**
 * X.509 certificates, as far as a time stamp needs them (RFC 5280, RFC 3161 section 2.3).
 *
 * @typedef {import("./bytes.js").Bytes} Bytes
 * @typedef {import("./der.js").Der} Der
 * @typedef {import("./algorithms.js").Scheme} Scheme
 * @typedef {{oid: string, parameters: Der | null}} Algorithm
 * @typedef {{whole: Bytes, tbs: Bytes, serial: Bytes, issuer: Bytes, subject: Bytes, from: number, until: number, spki: Bytes, extensions: Map<string, {critical: boolean, value: Bytes}>, algorithm: Algorithm, signature: Bytes}} Certificate
 */
import { fromBase64, sameBytes } from "./bytes.js";
import { ecdsa, rsa, rsaPss, verifySignature } from "./algorithms.js";
import { DerError, Parts, children, objectId, readDer, smallInteger, timeOf } from "./der.js";

const TIME_STAMPING = "1.3.6.1.5.5.7.3.8";
const USAGE = "2.5.29.37";
const BASIC = "2.5.29.19";
export const KEY_IDENTIFIER = "2.5.29.14";
const HASHES = new Map([
  ["2.16.840.1.101.3.4.2.1", "SHA-256"], ["2.16.840.1.101.3.4.2.2", "SHA-384"], ["2.16.840.1.101.3.4.2.3", "SHA-512"],
]);
const RSA = "1.2.840.113549.1.1.";
const SIGNATURES = new Map([
  [`${RSA}11`, "SHA-256"], [`${RSA}12`, "SHA-384"], [`${RSA}13`, "SHA-512"],
  ["1.2.840.10045.4.3.2", "SHA-256"], ["1.2.840.10045.4.3.3", "SHA-384"], ["1.2.840.10045.4.3.4", "SHA-512"],
]);
const CURVES_BY_ID = new Map([["1.2.840.10045.3.1.7", "P-256"], ["1.3.132.0.34", "P-384"], ["1.3.132.0.35", "P-521"]]);
const DEEPEST = 6;

/** @param {Der} value SEQUENCE @returns {Algorithm} */
export function algorithmOf(value) {
  const parts = new Parts(value);
  const oid = objectId(parts.take(6));
  return { oid, parameters: parts.parts[1] ?? null };
}

/** @param {string} oid @returns {string | null} its WebCrypto name; SHA-1 and older are not taken */
export function hashName(oid) {
  return HASHES.get(oid) ?? null;
}

/**
 * @param {Algorithm} algorithm of the signature
 * @param {string | null} digest that goes with it where the algorithm names none
 * @param {Bytes} spki of the key
 * @returns {Scheme | null}
 */
export function schemeFor(algorithm, digest, spki) {
  const hash = SIGNATURES.get(algorithm.oid) ?? digest;
  if (algorithm.oid === `${RSA}10`) return pss(algorithm.parameters);
  if (!hash) return null;
  if (algorithm.oid.startsWith(RSA)) return rsa(hash);
  const [key] = children(readDer(spki, 0x30));
  const curve = key && algorithmOf(key).parameters;
  const name = curve?.tag === 6 && CURVES_BY_ID.get(objectId(curve));
  return name && algorithm.oid.startsWith("1.2.840.10045.") ? ecdsa(name, hash) : null;
}

/** @param {Der | null} parameters RSASSA-PSS-params @returns {Scheme | null} */
function pss(parameters) {
  if (!parameters) return null;
  const parts = new Parts(parameters);
  const [algorithm] = children(parts.take(0xa0));
  const [mask] = children(parts.take(0xa1));
  const [salt] = children(parts.take(0xa2));
  const hash = algorithm && hashName(algorithmOf(algorithm).oid);
  const maskHash = mask && algorithmOf(mask).parameters;
  if (!hash || !salt || !maskHash || hashName(algorithmOf(maskHash).oid) !== hash) return null;
  return rsaPss(hash, smallInteger(salt));
}

/** @param {Bytes} bytes @returns {Certificate} @throws {DerError} */
export function readCertificate(bytes) {
  const outer = new Parts(readDer(bytes, 0x30));
  const tbs = outer.take(0x30);
  const algorithm = algorithmOf(outer.take(0x30));
  const signature = bitString(outer.take(3));
  const parts = new Parts(tbs);
  parts.maybe(0xa0);
  const serial = parts.take(2).whole;
  parts.take(0x30);
  const issuer = parts.take(0x30).whole;
  const [from, until] = children(parts.take(0x30)).map(timeOf);
  const subject = parts.take(0x30).whole;
  const spki = parts.take(0x30).whole;
  parts.maybe(0x81, 0xa1);
  parts.maybe(0x82, 0xa2);
  const extensions = parts.maybe(0xa3);
  if (from === undefined || until === undefined) throw new DerError("no validity");
  return { whole: bytes, tbs: tbs.whole, serial, issuer, subject, from, until, spki, extensions: extensionsOf(extensions), algorithm, signature };
}

/** @param {Der} value BIT STRING of whole bytes @returns {Bytes} */
function bitString(value) {
  if (value.content[0] !== 0) throw new DerError("a bit string with spare bits");
  return value.content.slice(1);
}

/** @param {Der | null} value @returns {Map<string, {critical: boolean, value: Bytes}>} */
function extensionsOf(value) {
  const found = new Map();
  for (const list of value ? children(value) : []) {
    for (const extension of children(list)) {
      const parts = new Parts(extension);
      const oid = objectId(parts.take(6));
      const critical = parts.maybe(1)?.content[0] === 0xff;
      found.set(oid, { critical, value: parts.take(4).content });
    }
  }
  return found;
}

/** @param {Certificate} certificate @returns {boolean} whether it is for time stamps and nothing else */
function forTimeStamps(certificate) {
  const usage = certificate.extensions.get(USAGE);
  if (!usage?.critical) return false;
  return children(readDer(usage.value, 0x30)).map(objectId).join() === TIME_STAMPING;
}

/** @param {Certificate} certificate @returns {boolean} */
function isAuthority(certificate) {
  const basic = certificate.extensions.get(BASIC);
  return basic !== undefined && new Parts(readDer(basic.value, 0x30)).maybe(1)?.content[0] === 0xff;
}

/**
 * @param {Certificate} signer
 * @param {Certificate[]} given by the user
 * @param {Certificate[]} carried with the token
 * @param {number} at milliseconds since 1970: when the stamp was made
 * @returns {Promise<boolean>} whether it leads to a given one, each valid at that time
 */
export async function isTrusted(signer, given, carried, at) {
  if (!forTimeStamps(signer)) return false;
  let current = signer;
  for (let depth = 0; depth < DEEPEST; depth++) {
    if (at < current.from || at > current.until) return false;
    const here = current;
    if (given.some((each) => sameBytes(each.whole, here.whole))) return true;
    const issuer = await issuerOf(current, [...given, ...carried]);
    if (!issuer) return false;
    current = issuer;
  }
  return false;
}

/** @param {Certificate} child @param {Certificate[]} among @returns {Promise<Certificate | null>} */
async function issuerOf(child, among) {
  for (const parent of among) {
    if (!sameBytes(parent.subject, child.issuer) || !isAuthority(parent)) continue;
    const scheme = schemeFor(child.algorithm, null, parent.spki);
    if (scheme && (await verifySignature(scheme, parent.spki, child.signature, child.tbs))) return parent;
  }
  return null;
}

/**
 * @param {string} text PEM, one certificate or more
 * @returns {Certificate[]}
 * @throws {DerError} where there is none or one cannot be read
 */
export function readPem(text) {
  const blocks = [...text.matchAll(/-----BEGIN CERTIFICATE-----([A-Za-z0-9+/=\s]+)-----END CERTIFICATE-----/g)];
  if (!blocks.length) throw new DerError("no certificate in PEM");
  return blocks.map((block) => {
    const bytes = fromBase64(String(block[1]).replace(/\s/g, ""));
    if (!bytes) throw new DerError("not base64");
    return readCertificate(bytes);
  });
}
