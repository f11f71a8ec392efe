/**
 * Time stamps of RFC 3161 over checkpoints (formats.md: Bundle, Anchors; L801, L802).
 *
 * @typedef {import("./bytes.js").Bytes} Bytes
 * @typedef {import("./der.js").Der} Der
 * @typedef {import("./certificates.js").Certificate} Certificate
 * @typedef {import("./certificates.js").Algorithm} Algorithm
 * @typedef {{signer: Der, digest: string, attributes: Map<string, Der[]>, signed: Bytes, algorithm: Algorithm, signature: Bytes}} SignerInfo
 * @typedef {{info: Bytes, imprint: Bytes, at: number, carried: Certificate[], signer: SignerInfo}} TimeStamp
 */
import { sameBytes } from "./bytes.js";
import { KEY_IDENTIFIER, algorithmOf, hashName, isTrusted, readCertificate, schemeFor } from "./certificates.js";
import { DerError, Parts, children, objectId, readDer, smallInteger, timeOf } from "./der.js";
import { missing, verifySignature } from "./algorithms.js";

const SIGNED_DATA = "1.2.840.113549.1.7.2";
const TST_INFO = "1.2.840.113549.1.9.16.1.4";
const CONTENT_TYPE = "1.2.840.113549.1.9.3";
const MESSAGE_DIGEST = "1.2.840.113549.1.9.4";
const SIGNING_CERTIFICATE = "1.2.840.113549.1.9.16.2.12";
const SIGNING_CERTIFICATE_2 = "1.2.840.113549.1.9.16.2.47";

/**
 * @param {Bytes} bytes TimeStampResp
 * @returns {TimeStamp}
 * @throws {DerError} where it is none, or not over SHA-256
 */
export function readTimeStamp(bytes) {
  const response = new Parts(readDer(bytes, 0x30));
  const status = new Parts(response.take(0x30)).take(2);
  if (smallInteger(status) > 1) throw new DerError("the authority refused it");
  const token = new Parts(response.take(0x30));
  response.end();
  if (objectId(token.take(6)) !== SIGNED_DATA) throw new DerError("not signed data");
  const signedData = new Parts(/** @type {Der} */ (children(token.take(0xa0))[0] ?? absent()));
  signedData.take(2);
  signedData.take(0x31);
  const info = contentOf(signedData.take(0x30));
  const certificates = signedData.maybe(0xa0);
  signedData.maybe(0xa1);
  const signers = children(signedData.take(0x31));
  const carried = certificates ? children(certificates).filter((each) => each.tag === 0x30) : [];
  if (signers.length !== 1) throw new DerError("not signed by one authority");
  const signer = signerInfo(/** @type {Der} */ (signers[0]));
  return { info, ...stamped(info), carried: carried.map((each) => readCertificate(each.whole)), signer };
}

/** @returns {never} */
function absent() {
  throw new DerError("a part is missing");
}

/** @param {Der} value EncapsulatedContentInfo @returns {Bytes} TSTInfo */
function contentOf(value) {
  const parts = new Parts(value);
  if (objectId(parts.take(6)) !== TST_INFO) throw new DerError("not a time stamp");
  const [content] = children(parts.take(0xa0));
  if (content?.tag !== 4) throw new DerError("no time stamp in it");
  return content.content;
}

/** @param {Bytes} info @returns {{imprint: Bytes, at: number}} what was stamped, and when in ms */
function stamped(info) {
  const parts = new Parts(readDer(info, 0x30));
  if (smallInteger(parts.take(2)) !== 1) throw new DerError("another version");
  parts.take(6);
  const imprint = new Parts(parts.take(0x30));
  if (hashName(algorithmOf(imprint.take(0x30)).oid) !== "SHA-256") throw new DerError("not over SHA-256");
  const digest = imprint.take(4).content;
  parts.take(2);
  return { imprint: digest, at: timeOf(parts.take(0x18)) };
}

/** @param {Der} value @returns {SignerInfo} */
function signerInfo(value) {
  const parts = new Parts(value);
  parts.take(2);
  const signer = parts.any();
  const digest = algorithmOf(parts.take(0x30)).oid;
  const attributes = parts.take(0xa0);
  const algorithm = algorithmOf(parts.take(0x30));
  const signature = parts.take(4).content;
  // RFC 5652 section 5.4: the attributes are signed as the SET they are, not under their tag here.
  const signed = attributes.whole;
  signed[0] = 0x31;
  /** @type {Map<string, Der[]>} */
  const found = new Map();
  for (const attribute of children(attributes)) {
    const pair = new Parts(attribute);
    const oid = objectId(pair.take(6));
    if (found.has(oid)) throw new DerError("an attribute twice");
    found.set(oid, children(pair.take(0x31)));
  }
  return { signer, digest, attributes: found, signed, algorithm, signature };
}

/** @param {SignerInfo} info @param {Certificate} certificate @returns {boolean} whether the token names it */
function isNamed({ signer }, certificate) {
  if (signer.tag === 0x30) {
    const [issuer, serial] = children(signer);
    return Boolean(issuer && serial && sameBytes(issuer.whole, certificate.issuer) && sameBytes(serial.whole, certificate.serial));
  }
  const identifier = certificate.extensions.get(KEY_IDENTIFIER);
  return signer.tag === 0x80 && identifier !== undefined && sameBytes(readDer(identifier.value, 4).content, signer.content);
}

/** @param {SignerInfo} info @param {Certificate} certificate @returns {Promise<boolean>} RFC 5035: its digest is signed */
async function isPinned({ attributes }, certificate) {
  const second = attributes.get(SIGNING_CERTIFICATE_2)?.[0];
  const attribute = second ?? attributes.get(SIGNING_CERTIFICATE)?.[0];
  if (!attribute) return false;
  const [list] = children(attribute);
  const [first] = list ? children(list) : [];
  if (!first) return false;
  const parts = new Parts(first);
  const named = second ? parts.maybe(0x30) : null;
  const hash = second ? (named ? hashName(algorithmOf(named).oid) : "SHA-256") : "SHA-1";
  if (!hash) return false;
  const digest = new Uint8Array(await crypto.subtle.digest(hash, certificate.whole));
  return sameBytes(parts.take(4).content, digest);
}

/**
 * @param {TimeStamp} stamp
 * @param {Certificate[]} given by the user: the authority's own, or one above it
 * @returns {Promise<string | null>} what is wrong; null: it holds
 */
export async function stampFault(stamp, given) {
  const { signer } = stamp;
  if (!globalThis.crypto?.subtle) {
    missing.add("time-stamp");
    return null;
  }
  const hash = hashName(signer.digest);
  const type = signer.attributes.get(CONTENT_TYPE)?.[0];
  const digest = signer.attributes.get(MESSAGE_DIGEST)?.[0];
  if (!hash || !type || !digest || objectId(type) !== TST_INFO) return "its signed attributes have another form";
  const actual = new Uint8Array(await crypto.subtle.digest(hash, stamp.info));
  if (!sameBytes(digest.content, actual)) return "its digest is of other content";
  const certificate = [...given, ...stamp.carried].find((each) => isNamed(signer, each));
  if (!certificate) return "the certificate of its signer is not there";
  if (!(await isPinned(signer, certificate))) return "it names another certificate";
  const scheme = schemeFor(signer.algorithm, hash, certificate.spki);
  if (!scheme || !(await verifySignature(scheme, certificate.spki, signer.signature, signer.signed))) return "its signature is not valid";
  return (await isTrusted(certificate, given, stamp.carried, stamp.at)) ? null : "it does not lead to an authority you gave, or not at that time";
}
