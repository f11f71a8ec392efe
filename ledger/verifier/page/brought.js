/**
 * The bundle against what the user brought (formats.md: Verifier, step 6; L402-L409, L702, L704).
 *
 * @typedef {import("./bytes.js").Bytes} Bytes
 * @typedef {import("./given.js").Given} Given
 * @typedef {import("./given.js").Receipt} Receipt
 * @typedef {import("./given.js").Reference} Reference
 * @typedef {import("./notes.js").VerifierKey} VerifierKey
 * @typedef {import("./report.js").Findings} Findings
 * @typedef {import("./stream_state.js").StreamState} StreamState
 * @typedef {import("./stream_state.js").Leaf} Leaf
 * @typedef {import("./trust.js").Trust} Trust
 * @typedef {import("./run.js").Run} Run
 * @typedef {import("./notes.js").Head} Head
 * @typedef {import("./manifest.js").StreamRow} StreamRow
 */
import { concat, sameBytes, utf8, u64 } from "./bytes.js";
import { compareRoots } from "./checkpoints.js";
import { leafHash, verifyInclusion } from "./merkle.js";
import { cosigners, signersOf } from "./notes.js";
import { sha256 } from "./sha256.js";

/**
 * Want the roots and leaves that will be compared.
 *
 * @param {StreamState} state
 * @param {Given} given
 */
export function wantBrought(state, given) {
  for (const { head } of given.references) if (head.origin === state.origin) state.wantRoot(head.size);
  for (const receipt of given.receipts) {
    if (receipt.origin !== state.origin) continue;
    state.leaves.set(receipt.seq, null);
    if (receipt.checkpoint) state.wantRoot(receipt.checkpoint.head.size);
  }
}

/**
 * @param {Run} run counts the references and receipts that hold
 * @param {StreamState} state
 * @param {Given} given
 * @param {Trust} trust
 */
export async function judgeBrought(run, state, given, trust) {
  const held = await judgeReferences(state, given.references.filter((each) => each.head.origin === state.origin), trust);
  run.count("references", held.size);
  for (const receipt of given.receipts) {
    if (receipt.origin !== state.origin) continue;
    const before = state.findings.total;
    await judgeReceipt(state, receipt, trust);
    if (state.findings.total === before) run.count("receipts");
  }
  if (given.witnesses.length) await judgeWitnesses(state, given.witnesses);
}

/** @param {StreamState} state @param {Reference[]} references @param {Trust} trust @returns {Promise<Set<Head>>} the ones that hold */
async function judgeReferences(state, references, trust) {
  const claims = [];
  for (const { note, head } of references) {
    if (await isSigned(note, head.origin, trust)) claims.push(head);
    else state.findings.add("L402", `Your reference checkpoint at size ${head.size} has no valid signature of a trusted key.`);
  }
  return /** @type {Set<Head>} */ (compareRoots(state, claims, "L405", "your reference"));
}

/** @param {import("./notes.js").Note} note @param {string} origin @param {Trust} trust @returns {Promise<boolean>} */
export async function isSigned(note, origin, trust) {
  return Boolean((await signersOf(note, origin, trust.for(origin).keys))?.size);
}

/**
 * @param {Receipt} receipt
 * @returns {Bytes} the leaf that its fields give
 */
export function receiptLeaf({ origin, seq, sealed, prev, commitment }) {
  const originId = sha256(utf8(origin)).subarray(0, 16);
  return concat(utf8("ledger/v1\n"), originId, u64(BigInt(seq)), u64(sealed), prev, commitment);
}

/**
 * What a receipt says by itself: its hash, its proof, its checkpoint's signature.
 *
 * @param {Receipt} receipt
 * @param {(note: import("./notes.js").Note) => Promise<boolean>} signs whether a trusted key signed it
 * @param {(code: string, message: string, seq: number | null) => void} add
 */
export async function judgeReceiptAlone(receipt, signs, add) {
  const { seq, hash, checkpoint, proof, origin } = receipt;
  if (!sameBytes(leafHash(receiptLeaf(receipt)), hash)) add("L704", "The hash of the receipt is not that of its fields.", seq);
  if (!checkpoint || !proof) return;
  const { note, head } = checkpoint;
  if (head.origin !== origin) add("L403", "The checkpoint of the receipt is of another stream.", null);
  if (!(await signs(note))) add("L402", "The checkpoint of the receipt has no valid signature of a trusted key.", null);
  if (!verifyInclusion(seq, head.size, hash, proof, head.root)) add("L702", "The receipt's proof does not lead to the root of its checkpoint.", seq);
}

/** @param {StreamState} state @param {Receipt} receipt @param {Trust} trust */
async function judgeReceipt(state, receipt, trust) {
  await judgeReceiptAlone(receipt, (note) => isSigned(note, receipt.origin, trust), (code, message, seq) => state.findings.add(code, message, seq));
  const leaf = state.leaves.get(receipt.seq);
  if (!leaf) {
    state.findings.add("L406", `Your receipt is of entry ${receipt.seq}; ${state.size} entries are here.`, state.size);
  } else if (!isSame(leaf, receipt)) {
    state.findings.add("L704", "It is not the entry that your receipt names.", receipt.seq);
  }
  if (receipt.checkpoint) compareRoots(state, [receipt.checkpoint.head], "L405", "the checkpoint of your receipt");
}

/** @param {Leaf} leaf @param {Receipt} receipt @returns {boolean} */
function isSame(leaf, { sealed, hash, prev, commitment }) {
  return leaf.sealed === sealed && sameBytes(leaf.hash, hash) && sameBytes(leaf.prev, prev) && sameBytes(leaf.commitment, commitment);
}

/** @param {StreamState} state @param {VerifierKey[]} witnesses */
async function judgeWitnesses(state, witnesses) {
  const newest = state.newest;
  const found = newest && (await cosigners(newest.note, witnesses));
  if (newest && found === null) {
    state.findings.add("L402", "A line of a witness you named on the newest checkpoint is not valid.");
    newest.good = false;
  }
  if (!found?.length) state.findings.add("L409", "None of the witnesses you named has cosigned the newest checkpoint.");
}

/**
 * References and receipts of streams that are not in the bundle.
 *
 * @param {Given} given
 * @param {StreamRow[]} rows
 * @param {Trust} trust
 * @param {Findings} findings of the bundle
 */
export async function judgeElsewhere(given, rows, trust, findings) {
  const listed = new Map(rows.map((row) => [row.origin, row]));
  for (const { note, head } of given.references) {
    const row = listed.get(head.origin);
    if (row?.included) continue;
    if (!row) findings.add("L403", `You gave a reference for ${head.origin}, which this bundle does not hold.`);
    else if (!(await isSigned(note, head.origin, trust))) findings.add("L402", `Your reference for ${head.origin} has no valid signature of a trusted key.`);
    else if (head.size > row.size) findings.add("L406", `Your reference for ${head.origin} counts ${head.size} entries; the bundle lists ${row.size}.`);
    else if (head.size === row.size && !sameBytes(head.root, row.root)) findings.add("L405", `The listed head of ${head.origin} is not your reference.`);
  }
  for (const receipt of given.receipts) {
    if (!listed.get(receipt.origin)?.included) findings.add("L704", `You gave a receipt of ${receipt.origin}, which is not in this bundle.`);
  }
}
