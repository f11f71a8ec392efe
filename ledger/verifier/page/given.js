/**
 * What the user trusts and keeps: keys, reference checkpoints, receipts, witnesses, certificates.
 *
 * @typedef {import("./bytes.js").Bytes} Bytes
 * @typedef {import("./certificates.js").Certificate} Certificate
 * @typedef {import("./notes.js").VerifierKey} VerifierKey
 * @typedef {import("./notes.js").Note} Note
 * @typedef {import("./notes.js").Head} Head
 * @typedef {{keys?: string[], checkpoints?: string[], receipts?: string[], witnesses?: string[], tsa?: string[]}} GivenTexts
 * @typedef {{note: Note, head: Head}} Reference
 * @typedef {{origin: string, seq: number, sealed: bigint, prev: Bytes, commitment: Bytes, hash: Bytes, proof: Bytes[] | null, checkpoint: {note: Note, head: Head} | null}} Receipt
 * @typedef {{keys: VerifierKey[], references: Reference[], receipts: Receipt[], witnesses: VerifierKey[], tsa: Certificate[]}} Given
 */
import { fromHex, utf8 } from "./bytes.js";
import { CanonicalError, parseCanonical } from "./canonical.js";
import { readPem } from "./certificates.js";
import { DerError } from "./der.js";
import { hasExactly, isCount, isDigest, isOrigin, isText } from "./forms.js";
import { NoteError, WITNESS_KEY, parseCheckpoint, parseKey, parseLogKey, parseNote } from "./notes.js";

const RECEIPT = ["checkpoint", "commitment", "hash", "origin", "prev", "proof", "schema", "sealed_us", "seq"];

/** What the user brought cannot be used as what it was given for; nothing was checked. */
export class UsageError extends Error {}

/** A receipt of another form: L704 where it is the file to be checked. */
export class ReceiptError extends Error {}

/**
 * @param {GivenTexts} texts
 * @returns {Given}
 * @throws {UsageError} naming what cannot be used
 */
export function readGiven(texts) {
  return {
    keys: (texts.keys ?? []).map((text) => used("The key", () => parseLogKey(text.trim()))),
    references: (texts.checkpoints ?? []).map((text) => used("The reference checkpoint", () => reference(text))),
    receipts: (texts.receipts ?? []).map((text) => used("The receipt", () => readReceipt(utf8(text)))),
    witnesses: (texts.witnesses ?? []).map((text) => used("The witness key", () => witness(text.trim()))),
    tsa: (texts.tsa ?? []).flatMap((text) => used("The certificate", () => readPem(text))),
  };
}

/**
 * @template Value
 * @param {string} what
 * @param {() => Value} read
 * @returns {Value}
 */
function used(what, read) {
  try {
    return read();
  } catch (error) {
    if (error instanceof NoteError || error instanceof DerError || error instanceof ReceiptError) {
      throw new UsageError(`${what} cannot be used: ${error.message}.`);
    }
    throw error;
  }
}

/** @param {string} text @returns {Reference} */
function reference(text) {
  const note = parseNote(utf8(text));
  return { note, head: parseCheckpoint(note) };
}

/** @param {string} text @returns {VerifierKey} */
function witness(text) {
  const key = parseKey(text);
  if (key.kind !== WITNESS_KEY) throw new NoteError("not the key of a witness");
  return key;
}

/**
 * @param {Bytes} bytes canonical JSON
 * @returns {Receipt}
 * @throws {ReceiptError}
 */
export function readReceipt(bytes) {
  try {
    const json = parseCanonical(bytes);
    const { checkpoint, origin, proof, seq, sealed_us: sealed } = json;
    const digests = ["commitment", "hash", "prev"].map((name) => (isDigest(json[name]) ? fromHex(json[name]) : null));
    const [commitment, hash, prev] = digests;
    const fits = hasExactly(json, RECEIPT) && json["schema"] === "ledger.receipt/1" && (checkpoint === null) === (proof === null);
    if (!fits || !isOrigin(origin) || !isCount(seq) || !isCount(sealed) || !commitment || !hash || !prev) {
      throw new ReceiptError("its fields are not those of a receipt");
    }
    const steps = proof === null ? null : proofSteps(proof);
    const note = isText(checkpoint) ? parseNote(utf8(checkpoint)) : null;
    if (checkpoint !== null && !note) throw new ReceiptError("its checkpoint is no note");
    const head = note && parseCheckpoint(note);
    return { origin, seq, sealed: BigInt(sealed), prev, commitment, hash, proof: steps, checkpoint: note && head && { note, head } };
  } catch (error) {
    if (error instanceof CanonicalError || error instanceof NoteError) throw new ReceiptError(error.message);
    throw error;
  }
}

/** @param {import("./canonical.js").Json | undefined} proof @returns {Bytes[]} */
function proofSteps(proof) {
  const steps = Array.isArray(proof) ? proof.map((step) => (isText(step) ? fromHex(step) : null)) : [null];
  if (steps.includes(null)) throw new ReceiptError("its proof is no list of hashes");
  return /** @type {Bytes[]} */ (steps);
}
