/**
 * People's signatures over all streams, in the order they were sealed (formats.md: Signatures; L601-L607).
 *
 * @typedef {import("./archive.js").Archive} Archive
 * @typedef {import("./canonical.js").Json} Json
 * @typedef {import("./canonical.js").JsonObject} JsonObject
 * @typedef {import("./run.js").Run} Run
 * @typedef {import("./stream_state.js").StreamState} StreamState
 * @typedef {import("./stream_state.js").SignatureAt} SignatureAt
 * @typedef {import("./stream_state.js").CredentialEvent} CredentialEvent
 * @typedef {{state: StreamState, sealed: bigint, seq: number, signature?: SignatureAt, credential?: CredentialEvent}} Step
 * @typedef {{subject: string, payload: JsonObject, revoked: boolean, exchanged: boolean}} Passkey
 */
import { base64url, fromBase64url, utf8 } from "./bytes.js";
import { CanonicalError, parseCanonical } from "./canonical.js";
import { hasExactly, isCount, isDigest, isObject, isReference, isText, microseconds } from "./forms.js";
import { assertionFault, readAssertion } from "./webauthn.js";

const LONGEST = 120n * 1000000n;
const MEANINGS = ["authorship", "review", "approval", "responsibility", "disapproval"];
const FIELDS = [
  "expires_at", "issued_at", "items", "meaning", "nonce", "printed_name", "rp_id", "schema", "signer", "statement", "stream", "time_zone",
];
const ITEM = ["content_hash", "displayed_hash", "record_id", "version"];
const ZONE = /^[A-Za-z][A-Za-z0-9_+-]*(?:\/[A-Za-z0-9_+-]+)*$/;

/**
 * @param {Run} run
 * @param {Archive} archive
 * @param {StreamState[]} states
 */
export async function judgeSignatures(run, archive, states) {
  const steps = states.flatMap(stepsOf).sort(inOrder);
  const passkeys = /** @type {Map<string | null, Passkey>} */ (new Map());
  const nonces = /** @type {Set<string>} */ (new Set());
  run.begin("signatures", steps.length);
  for (const { state, seq, signature, credential } of steps) {
    if (credential) enrol(passkeys, credential);
    if (signature) {
      const body = parseCanonical(await archive.source.bytes(signature.at, signature.length));
      await judgeOne(state, seq, body, { passkeys, nonces });
      run.count("signatures");
    }
    await run.step();
  }
}

/** @param {StreamState} state @returns {Step[]} */
function stepsOf(state) {
  const signed = state.signatures.map((signature) => ({ state, sealed: signature.sealed, seq: signature.seq, signature }));
  const enrolled = state.credentials.map((credential) => ({ state, sealed: credential.sealed, seq: credential.seq, credential }));
  return [...signed, ...enrolled];
}

/** @param {Step} a @param {Step} b @returns {number} by time, then stream, then entry */
function inOrder(a, b) {
  if (a.sealed !== b.sealed) return a.sealed < b.sealed ? -1 : 1;
  if (a.state.origin !== b.state.origin) return a.state.origin < b.state.origin ? -1 : 1;
  return a.seq - b.seq;
}

/** @param {Map<string | null, Passkey>} passkeys @param {CredentialEvent} event */
function enrol(passkeys, { subject, payload, revoked }) {
  const id = canonicalId(payload["credential_id"]);
  const before = passkeys.get(id);
  if (revoked) {
    if (before) before.revoked = true;
    return;
  }
  const same = before?.subject === subject && before.payload["public_key"] === payload["public_key"] && before.payload["alg"] === payload["alg"];
  const exchanged = before ? before.exchanged || !same : false;
  passkeys.set(id, { subject, payload, revoked: false, exchanged });
}

/** @param {Json | undefined} value @returns {string | null} null where it is none */
function canonicalId(value) {
  const bytes = isText(value) ? fromBase64url(value) : null;
  return bytes && base64url(bytes);
}

/**
 * @param {StreamState} state
 * @param {number} seq
 * @param {JsonObject} body
 * @param {{passkeys: Map<string | null, Passkey>, nonces: Set<string>}} seen
 */
async function judgeOne(state, seq, body, seen) {
  const payload = /** @type {JsonObject} */ (body["payload"]);
  const text = payload["manifest"];
  const manifest = isText(text) ? signedManifest(text, state.origin) : null;
  const { webauthn, components } = payload;
  const formed = Array.isArray(components) && components.every(isText) && (webauthn === null || isObject(webauthn));
  if (!isText(text) || !manifest || !formed) {
    state.findings.add("L601", "What was signed is no signature manifest of this stream.", seq);
    return;
  }
  for (const item of /** @type {JsonObject[]} */ (manifest["items"])) judgeItem(state, seq, item);
  const nonce = String(manifest["nonce"]);
  if (seen.nonces.has(nonce)) state.findings.add("L603", "Its nonce was used by an earlier signature.", seq);
  seen.nonces.add(nonce);
  if (manifest["signer"] !== body["actor"]) state.findings.add("L604", "The signer it names is not who acted.", seq);
  judgeTimes(state, seq, manifest, body);
  if (webauthn === null && !components.includes("passkey")) state.findings.add("N907", "It was signed without a passkey.", seq);
  else await judgeAssertion(state, seq, text, manifest, webauthn, seen.passkeys);
}

/** @param {string} text @param {string} origin @returns {JsonObject | null} */
function signedManifest(text, origin) {
  /** @type {JsonObject} */
  let json;
  try {
    json = parseCanonical(utf8(text));
  } catch (error) {
    if (!(error instanceof CanonicalError)) throw error;
    return null;
  }
  const { items, nonce, signer } = json;
  const fits = hasExactly(json, FIELDS) && json["schema"] === "signature.manifest/1" && json["stream"] === origin
    && Array.isArray(items) && items.length > 0 && items.every(isItem)
    && MEANINGS.includes(String(json["meaning"])) && isText(nonce) && fromBase64url(nonce)?.length === 32
    && isReference(signer) && isText(json["printed_name"]) && isText(json["rp_id"]) && isText(json["statement"])
    && ZONE.test(String(json["time_zone"])) && microseconds(json["issued_at"]) !== null && microseconds(json["expires_at"]) !== null;
  return fits ? json : null;
}

/** @param {Json} item @returns {boolean} */
function isItem(item) {
  return hasExactly(item, ITEM) && isDigest(item["content_hash"]) && isDigest(item["displayed_hash"])
    && isText(item["record_id"]) && isCount(item["version"]);
}

/** @param {StreamState} state @param {number} seq @param {JsonObject} item */
function judgeItem(state, seq, item) {
  const sealed = state.versions.get(`${item["version"]} ${item["record_id"]}`);
  if (sealed?.some((each) => each.seq < seq && each.hash === item["content_hash"])) return;
  state.findings.add("L602", `It signed other content than was sealed of ${item["record_id"]}, version ${item["version"]}.`, seq);
}

/** @param {StreamState} state @param {number} seq @param {JsonObject} manifest @param {JsonObject} body */
function judgeTimes(state, seq, manifest, body) {
  const issued = microseconds(manifest["issued_at"]) ?? 0n;
  const expires = microseconds(manifest["expires_at"]) ?? 0n;
  const at = microseconds(body["at"]) ?? 0n;
  if (at < issued || at > expires || expires - issued > LONGEST) {
    state.findings.add("L607", "It was signed outside of the time it was asked for.", seq);
  }
}

/**
 * @param {StreamState} state
 * @param {number} seq
 * @param {string} text
 * @param {JsonObject} manifest
 * @param {JsonObject | null} webauthn
 * @param {Map<string | null, Passkey>} passkeys
 */
async function judgeAssertion(state, seq, text, manifest, webauthn, passkeys) {
  if (webauthn === null) {
    state.findings.add("L605", "Its passkey assertion is not there.", seq);
    return;
  }
  const passkey = passkeys.get(canonicalId(webauthn["credential_id"]));
  const fault = passkeyFault(passkey, manifest["signer"]);
  if (fault || !passkey) {
    state.findings.add("L606", `Its passkey ${fault}.`, seq);
    return;
  }
  const assertion = readAssertion(webauthn);
  if (!assertion) {
    state.findings.add("L605", "Its passkey assertion has another form.", seq);
    return;
  }
  const wrong = await assertionFault(assertion, text, String(manifest["rp_id"]), passkey.payload);
  if (wrong) state.findings.add("L605", `Its passkey assertion does not hold: ${wrong}.`, seq);
}

/** @param {Passkey | undefined} passkey @param {Json | undefined} signer @returns {string | null} */
function passkeyFault(passkey, signer) {
  if (!passkey) return "was not enrolled";
  if (passkey.subject !== signer) return "was enrolled by somebody else";
  if (passkey.exchanged) return "was exchanged for another";
  return passkey.revoked ? "was revoked before" : null;
}
