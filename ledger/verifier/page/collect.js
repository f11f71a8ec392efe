/**
 * What the rules need of each event, taken while the entries pass by (formats.md: Event).
 *
 * @typedef {import("./canonical.js").JsonObject} JsonObject
 * @typedef {import("./stream_state.js").StreamState} StreamState
 * @typedef {import("./stream_state.js").Leaf} Leaf
 * @typedef {import("./bodies.js").Read} Read
 * @typedef {"ok" | "withheld" | "bad"} BlobState
 */
import { fromBase64url } from "./bytes.js";
import { isCount, isDigest, isOrigin, isText, microseconds } from "./forms.js";

const EARLY = 24n * 3600n * 1000000n;
const LATE = 5n * 60n * 1000000n;

/**
 * @param {StreamState} state filled
 * @param {Leaf} leaf
 * @param {Read} read
 * @param {Map<string, BlobState>} blobs of the bundle, by digest
 */
export function collect(state, leaf, read, blobs) {
  const { body } = read;
  const payload = /** @type {JsonObject} */ (body["payload"]);
  compareTimes(state, leaf, body);
  sealedVersion(state, leaf, payload);
  neededBlobs(state, leaf, payload, blobs);
  const kind = body["event"];
  if (kind === "signature.applied") {
    state.signatures.push({ sealed: leaf.order, seq: leaf.seq, at: read.at, length: read.length });
  } else if (kind === "ledger.entry_erased") {
    state.erasures.push({ seq: leaf.seq, payload });
  } else if (kind === "credential.mfa_enrolled" || kind === "credential.mfa_revoked") {
    credential(state, leaf, body, payload);
  } else if (state.isOrg && kind === "key.rotated") {
    state.rotations.push({ seq: leaf.seq, payload });
  } else if (state.isOrg && kind === "ledger.checkpoint_signed") {
    recorded(state, leaf, payload);
  }
}

/** @param {StreamState} state @param {Leaf} leaf @param {JsonObject} body */
function compareTimes(state, leaf, body) {
  const at = microseconds(body["at"]) ?? 0n;
  if (at > leaf.sealed + LATE || at < leaf.sealed - EARLY) {
    state.findings.add("N906", `It says that it happened at ${body["at"]}, far from when it was sealed.`, leaf.seq);
  }
}

/** @param {StreamState} state @param {Leaf} leaf @param {JsonObject} payload */
function sealedVersion(state, leaf, payload) {
  const { record_id: record, version, content_hash: hash } = payload;
  if (!isText(record) || typeof version !== "number" || !isDigest(hash)) return;
  const key = `${version} ${record}`;
  const versions = state.versions.get(key);
  if (versions) versions.push({ seq: leaf.seq, hash });
  else state.versions.set(key, [{ seq: leaf.seq, hash }]);
}

/** @param {StreamState} state @param {Leaf} leaf @param {JsonObject} payload @param {Map<string, BlobState>} blobs */
function neededBlobs(state, leaf, payload, blobs) {
  const needed = payload["blobs"] ?? [];
  for (const digest of Array.isArray(needed) ? needed : [needed]) {
    const blob = isText(digest) ? blobs.get(digest) : undefined;
    if (blob === "ok" || blob === "withheld") continue;
    state.findings.add("L111", blob ? `Its blob ${String(digest)} is not what it names.` : "A blob it names is not in the bundle.", leaf.seq);
  }
}

/** @param {StreamState} state @param {Leaf} leaf @param {JsonObject} body @param {JsonObject} payload */
function credential(state, leaf, body, payload) {
  const revoked = body["event"] === "credential.mfa_revoked";
  const { credential_id: id, public_key: key, alg, kind } = payload;
  if (!revoked && kind !== "passkey") return;
  const formed = isText(id) && fromBase64url(id) !== null;
  if (!formed || (!revoked && !(isText(key) && fromBase64url(key) && [-7, -8, -257].includes(Number(alg))))) {
    state.findings.add("L304", "The passkey it tells of has another form.", leaf.seq);
    return;
  }
  state.credentials.push({ sealed: leaf.order, seq: leaf.seq, subject: String(body["subject"]), payload, revoked });
}

/** @param {StreamState} state @param {Leaf} leaf @param {JsonObject} payload */
function recorded(state, leaf, payload) {
  const { origin, size, root, key_id: keyId } = payload;
  if (isOrigin(origin) && isCount(size) && size > 0 && isDigest(root) && isText(keyId) && /^[0-9a-f]{8}$/.test(keyId)) {
    state.records.push({ seq: leaf.seq, origin, size, root, keyId });
  } else {
    state.findings.add("L304", "The checkpoint it records has another form.", leaf.seq);
  }
}

/**
 * Blank bodies need their erasure event, and each erasure event its blank body (L305, L307).
 *
 * @param {StreamState} state
 */
export function judgeErasures(state) {
  const erased = new Set();
  for (const { seq, payload } of state.erasures) {
    const fault = erasureFault(state, seq, payload);
    const target = Number(payload["seq"]);
    if (fault) state.findings.add("L307", `The erasure it records is not in order: ${fault}.`, seq);
    else if (state.blank.has(target)) erased.add(target);
    else state.findings.add("L307", `Entry ${seq} erased its body, which is still there.`, target);
  }
  for (const seq of state.blank.keys()) {
    if (!erased.has(seq)) state.findings.add("L305", "Its body is blank, and no entry says who erased it and why.", seq);
  }
}

/** @param {StreamState} state @param {number} seq of the event @param {JsonObject} payload @returns {string | null} */
function erasureFault(state, seq, payload) {
  const { seq: target, commitment, basis, approved_by: approved } = payload;
  if (!isCount(target) || !isDigest(commitment) || !isText(basis) || !basis) return "its fields have another form";
  if (!Array.isArray(approved) || !approved.every(isText) || new Set(approved).size < 2) return "two different people have not approved it";
  if (target >= seq) return `entry ${target} does not come before it`;
  return [undefined, commitment].includes(state.blank.get(target)) ? null : "it names another commitment";
}
