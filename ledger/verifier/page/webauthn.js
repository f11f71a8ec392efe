/**
 * Passkey assertions over signature manifests (formats.md: Signatures; WebAuthn level 2, section 7.2).
 *
 * @typedef {import("./bytes.js").Bytes} Bytes
 * @typedef {import("./canonical.js").JsonObject} JsonObject
 * @typedef {import("./canonical.js").Json} Json
 */
import { base64url, concat, fromBase64url, fromUtf8, sameBytes, utf8 } from "./bytes.js";
import { coseScheme, verifySignature } from "./algorithms.js";
import { hasExactly, isObject, isText } from "./forms.js";
import { sha256 } from "./sha256.js";

const USER_PRESENT = 1;
const SHORTEST = 37;
const FIELDS = ["authenticator_data", "client_data", "credential_id", "signature"];

/**
 * @typedef {{authenticatorData: Bytes, clientData: Bytes, credentialId: string, signature: Bytes}} Assertion
 * @param {Json | undefined} webauthn of the event
 * @returns {Assertion | null} null where it has another form
 */
export function readAssertion(webauthn) {
  if (!hasExactly(webauthn, FIELDS)) return null;
  const [authenticatorData, clientData, credential, signature] = FIELDS.map((name) => {
    const text = webauthn[name];
    return isText(text) ? fromBase64url(text) : null;
  });
  if (!authenticatorData || !clientData || !credential || !signature) return null;
  return { authenticatorData, clientData, credentialId: base64url(credential), signature };
}

/**
 * @param {Assertion} assertion
 * @param {string} manifest the exact text that was signed
 * @param {string} rpId
 * @param {JsonObject} enrolled payload of the enrolment
 * @returns {Promise<string | null>} what is wrong; null: it holds
 */
export async function assertionFault(assertion, manifest, rpId, enrolled) {
  const { authenticatorData, clientData, signature } = assertion;
  const fault = clientFault(clientData, manifest, rpId) ?? authenticatorFault(authenticatorData, rpId);
  if (fault) return fault;
  const scheme = coseScheme(Number(enrolled["alg"]));
  const publicKey = isText(enrolled["public_key"]) ? fromBase64url(enrolled["public_key"]) : null;
  if (!scheme || !publicKey) return "the enrolled key has another form";
  const message = concat(authenticatorData, sha256(clientData));
  return (await verifySignature(scheme, publicKey, signature, message)) ? null : "its signature is not valid under the enrolled key";
}

/** @param {Bytes} bytes @param {string} manifest @param {string} rpId @returns {string | null} */
function clientFault(bytes, manifest, rpId) {
  const client = looseObject(bytes);
  if (!client || client["type"] !== "webauthn.get") return "its client data is not that of an assertion";
  if (client["challenge"] !== base64url(sha256(utf8(manifest)))) return "its challenge is not the digest of the manifest";
  if (client["crossOrigin"] === true) return "it was made inside a page of another origin";
  const host = hostOf(client["origin"]);
  return host !== null && (host === rpId || host.endsWith(`.${rpId}`)) ? null : "it was made for another site";
}

/** @param {Bytes} bytes JSON as a browser wrote it, not canonical @returns {JsonObject | null} */
function looseObject(bytes) {
  try {
    const json = JSON.parse(String(fromUtf8(bytes)));
    return isObject(json) ? json : null;
  } catch {
    return null;
  }
}

/** @param {Json | undefined} origin @returns {string | null} null where it is none */
function hostOf(origin) {
  return isText(origin) && URL.canParse(origin) ? new URL(origin).hostname : null;
}

/** @param {Bytes} bytes @param {string} rpId @returns {string | null} */
function authenticatorFault(bytes, rpId) {
  if (bytes.length < SHORTEST) return "its authenticator data is too short";
  if (!sameBytes(bytes.subarray(0, 32), sha256(utf8(rpId)))) return "it was made for another site";
  return /** @type {number} */ (bytes[32]) & USER_PRESENT ? null : "nobody was present";
}
