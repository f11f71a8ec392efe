/**
 * Single files: a receipt, a .tlog-proof, a .tlog-consistency (formats.md: Single files; L402, L409, L701-L704).
 *
 * @typedef {import("./bytes.js").Bytes} Bytes
 * @typedef {import("./given.js").Given} Given
 * @typedef {import("./notes.js").Head} Head
 * @typedef {import("./notes.js").Note} Note
 * @typedef {import("./verdicts.js").Result} Result
 * @typedef {{origin: string, head: Head | null, findings: Findings}} Single
 */
import { commitmentOf } from "./bodies.js";
import { judgeReceiptAlone, isSigned } from "./brought.js";
import { base64, fromBase64, fromUtf8, hex, sameBytes, utf8 } from "./bytes.js";
import { BODY_LIMIT, CanonicalError, parseCanonical } from "./canonical.js";
import { LEAF_BYTES, readLeaf } from "./entries.js";
import { envelopeFault } from "./forms.js";
import { ReceiptError, readReceipt } from "./given.js";
import { HASH_BYTES, leafHash, verifyConsistency, verifyInclusion } from "./merkle.js";
import { NoteError, cosigners, parseCheckpoint, parseNote } from "./notes.js";
import { Findings } from "./report.js";
import { Trust } from "./trust.js";
import { originId, sitePrefix } from "./manifest.js";
import { integrityOf, tellMissing } from "./verdicts.js";

const SALT = 16;
export const SINGLE_LIMIT = 4 * 1024 * 1024;

/** @param {Given} given @param {string} origin @returns {Trust} of the given keys alone */
function trustFor(given, origin) {
  // A file alone does not say which stream is the organisation's; the name does, as in verify.py.
  const site = given.keys.find(({ name }) => name.endsWith("/ledger/org") && origin.startsWith(sitePrefix(name)));
  return new Trust(site?.name ?? origin, [], [], given.keys);
}

/**
 * @param {Note} note
 * @param {string} origin
 * @param {Given} given
 * @returns {Promise<boolean>} whether a trusted key signed it; without a key of the user that is unknown (N902), not refuted
 */
async function isVouched(note, origin, given) {
  const trust = trustFor(given, origin);
  return !trust.for(origin).given || isSigned(note, origin, trust);
}

/** @param {Note} note @param {Given} given @param {Findings} findings */
async function judgeWitnesses(note, { witnesses }, findings) {
  if (!witnesses.length) return;
  const found = await cosigners(note, witnesses);
  if (!found) findings.add("L402", "A line of a witness you named is not valid.");
  if (!found?.length) findings.add("L409", "None of the witnesses you named has cosigned its checkpoint.");
}

/**
 * @param {Bytes} bytes
 * @param {Given} given
 * @param {() => number} seconds
 * @returns {Promise<Result | null>} null where it is none of the three
 */
export async function checkSingle(bytes, given, seconds) {
  const text = String(fromUtf8(bytes));
  const findings = new Findings();
  /** @type {Single | null} */
  let single = null;
  if (text.startsWith("{")) single = await checkReceipt(bytes, given, findings);
  else if (text.startsWith("c2sp.org/tlog-proof@v1\n")) single = await checkProof(text, given, findings);
  else if (text.startsWith("old ")) single = await checkConsistency(text, given, findings);
  if (!single) return null;
  const { origin, head } = single;
  if (origin && !trustFor(given, origin).for(origin).given) findings.add("N902", "You gave no key for this stream; the file cannot vouch for itself.");
  tellMissing(findings);
  const stream = {
    origin,
    size: head?.size ?? null,
    root: head ? base64(head.root) : null,
    integrity: integrityOf(findings),
    completeness: null,
    first_bad_seq: findings.firstBad,
    findings: findings.sorted(),
  };
  return { bundle: null, streams: [stream], seconds: seconds() };
}

/** @param {Bytes} bytes @param {Given} given @param {Findings} findings @returns {Promise<Single>} */
async function checkReceipt(bytes, given, findings) {
  try {
    const receipt = readReceipt(bytes);
    const { origin, checkpoint } = receipt;
    await judgeReceiptAlone(receipt, (note) => isVouched(note, origin, given), (code, message, seq) => findings.add(code, message, seq));
    if (checkpoint) await compareReference(checkpoint.head, given, findings);
    if (checkpoint) await judgeWitnesses(checkpoint.note, given, findings);
    return { origin, head: checkpoint?.head ?? null, findings };
  } catch (error) {
    if (!(error instanceof ReceiptError)) throw error;
    findings.add("L704", `It is no receipt: ${error.message}.`);
    return { origin: "", head: null, findings };
  }
}

/** @param {string} code L401 @param {string} text @param {Findings} findings @returns {{note: Note, head: Head} | null} */
function checkpointIn(code, text, findings) {
  try {
    const note = parseNote(utf8(text));
    return { note, head: parseCheckpoint(note) };
  } catch (error) {
    if (!(error instanceof NoteError)) throw error;
    findings.add(code, `It holds no checkpoint: ${error.message}.`);
    return null;
  }
}

/** @param {string[]} lines @returns {Bytes[] | null} */
function hashes(lines) {
  const found = lines.map(fromBase64);
  return found.every((each) => each?.length === HASH_BYTES) ? /** @type {Bytes[]} */ (found) : null;
}

/** @param {string} text @returns {{lines: string[], rest: string}} before and after the first empty line */
function halves(text) {
  const [before, ...after] = text.split("\n\n");
  return { lines: String(before).split("\n"), rest: after.join("\n\n") };
}

/** @param {string} text @param {Given} given @param {Findings} findings @returns {Promise<Single>} */
async function checkProof(text, given, findings) {
  const { lines, rest } = halves(text);
  const checkpoint = checkpointIn("L401", rest, findings);
  const extra = fromBase64(String(/^extra (.+)$/.exec(String(lines[1]))?.[1]));
  const index = /^index (0|[1-9][0-9]{0,15})$/.exec(String(lines[2]))?.[1];
  const proof = hashes(lines.slice(3));
  const origin = checkpoint?.head.origin ?? "";
  const sized = extra && (extra.length === LEAF_BYTES || (extra.length >= LEAF_BYTES + SALT && extra.length <= LEAF_BYTES + SALT + BODY_LIMIT));
  if (!extra || !sized || index === undefined || !proof) {
    findings.add("L701", "The proof file has another form.");
    return { origin, head: checkpoint?.head ?? null, findings };
  }
  if (!checkpoint) return { origin, head: null, findings };
  const { note, head } = checkpoint;
  const seq = Number(index);
  const leaf = extra.slice(0, LEAF_BYTES);
  judgeLeaf(leaf, seq, origin, findings);
  if (extra.length > LEAF_BYTES) judgeBody(leaf, extra.slice(LEAF_BYTES), seq, findings);
  if (!(await isVouched(note, origin, given))) findings.add("L402", "Its checkpoint has no valid signature of a trusted key.");
  if (!verifyInclusion(seq, head.size, leafHash(leaf), proof, head.root)) findings.add("L702", "The proof does not lead to the root of its checkpoint.", seq);
  await compareReference(head, given, findings);
  await judgeWitnesses(note, given, findings);
  return { origin, head, findings };
}

/** @param {Bytes} bytes @param {number} seq @param {string} origin @param {Findings} findings */
function judgeLeaf(bytes, seq, origin, findings) {
  const leaf = readLeaf(bytes);
  if (!leaf.marked || hex(leaf.originId) !== originId(origin) || leaf.sealed >= 1n << 63n) findings.add("L201", "The leaf has another form or is of another stream.", seq);
  if (leaf.seq !== BigInt(seq)) findings.add("L202", `The leaf says that it is entry ${leaf.seq}.`, seq);
}

/** @param {Bytes} leaf @param {Bytes} salted @param {number} seq @param {Findings} findings */
function judgeBody(leaf, salted, seq, findings) {
  const body = salted.slice(SALT);
  if (!sameBytes(commitmentOf(salted.slice(0, SALT), body), readLeaf(leaf).commitment)) {
    findings.add("L301", "The body is not the one that was sealed.", seq);
    return;
  }
  try {
    const fault = envelopeFault(parseCanonical(body));
    if (fault) findings.add("L304", `Of the body, ${fault}.`, seq);
  } catch (error) {
    if (!(error instanceof CanonicalError)) throw error;
    findings.add("L303", `The body is no canonical JSON: ${error.message}.`, seq);
  }
}

/** @param {string} text @param {Given} given @param {Findings} findings @returns {Promise<Single>} */
async function checkConsistency(text, given, findings) {
  const { lines, rest } = halves(text);
  const checkpoint = checkpointIn("L401", rest, findings);
  const old = Number(/^old ([1-9][0-9]{0,15})$/.exec(String(lines[0]))?.[1]);
  const proof = hashes(lines.slice(1));
  const origin = checkpoint?.head.origin ?? "";
  if (!old || !proof) findings.add("L701", "The proof file has another form.");
  if (!checkpoint || !old || !proof) return { origin, head: checkpoint?.head ?? null, findings };
  const { note, head } = checkpoint;
  if (!(await isVouched(note, origin, given))) findings.add("L402", "Its checkpoint has no valid signature of a trusted key.");
  if (old > head.size) findings.add("L703", "It goes from a larger tree to a smaller one.");
  const references = await signedReferences(origin, given, findings);
  const from = references.filter((each) => each.size === old);
  if (!from.length) findings.add("N903", `You gave no reference checkpoint at size ${old}, so nothing says where the proof starts.`);
  for (const { size, root } of from) {
    if (!verifyConsistency(size, head.size, root, head.root, proof)) findings.add("L703", "The proof does not lead from your reference to its checkpoint.");
  }
  compareHead(head, references, findings);
  await judgeWitnesses(note, given, findings);
  return { origin, head, findings };
}

/** @param {string} origin @param {Given} given @param {Findings} findings @returns {Promise<Head[]>} */
async function signedReferences(origin, given, findings) {
  const heads = [];
  for (const { note, head } of given.references) {
    if (head.origin !== origin) continue;
    if (await isVouched(note, origin, given)) heads.push(head);
    else findings.add("L402", `Your reference checkpoint at size ${head.size} has no valid signature of a trusted key.`);
  }
  return heads;
}

/** @param {Head} head @param {Given} given @param {Findings} findings */
async function compareReference(head, given, findings) {
  compareHead(head, await signedReferences(head.origin, given, findings), findings);
}

/** @param {Head} head @param {Head[]} references @param {Findings} findings */
function compareHead(head, references, findings) {
  for (const each of references) {
    if (each.size === head.size && !sameBytes(each.root, head.root)) findings.add("L405", `Its checkpoint at size ${head.size} is not your reference.`, 0);
  }
}
