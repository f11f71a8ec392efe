/**
 * Which keys count: what the user gave, passed along the successions of the bundle.
 *
 * @typedef {import("./bytes.js").Bytes} Bytes
 * @typedef {import("./notes.js").VerifierKey} VerifierKey
 * @typedef {import("./notes.js").Note} Note
 * @typedef {{epoch: number, rotated: number | null, key: VerifierKey}} Epoch
 * @typedef {{given: boolean, keys: Bytes[]}} Known  given: by the user, or reached from it
 */
import { hex } from "./bytes.js";
import { parseCanonical } from "./canonical.js";
import { hasExactly, isCount } from "./forms.js";
import { NoteError, parseLogKey, parseNote, signersOf } from "./notes.js";
import { sitePrefix } from "./manifest.js";

/**
 * @param {Bytes} bytes keys.json
 * @param {string} org
 * @returns {Epoch[]}
 * @throws {import("./canonical.js").CanonicalError | NoteError} where L501 is due
 */
export function readKeys(bytes, org) {
  const json = parseCanonical(bytes);
  const rows = json["keys"];
  if (!hasExactly(json, ["keys", "org", "schema"]) || json["schema"] !== "ledger.keys/1") throw new NoteError("its fields are others");
  if (json["org"] !== org || !Array.isArray(rows) || !rows.length) throw new NoteError("it is of another organisation or empty");
  const epochs = rows.map((row, epoch) => {
    if (!hasExactly(row, ["epoch", "rotated_seq", "vkey"]) || row["epoch"] !== epoch) throw new NoteError("a row has another form");
    const rotated = row["rotated_seq"];
    if (epoch === 0 ? rotated !== null : !isCount(rotated)) throw new NoteError("a row names no rotation entry");
    const key = parseLogKey(String(row["vkey"]));
    if (key.name !== org) throw new NoteError("a key is not under the organisation's name");
    return { epoch, rotated: isCount(rotated) ? rotated : null, key };
  });
  epochs.forEach((each, i) => {
    if (i > 1 && (each.rotated ?? 0) <= (epochs[i - 1]?.rotated ?? 0)) throw new NoteError("rotations are not in order");
  });
  if (new Set(epochs.map((each) => hex(each.key.publicKey))).size !== epochs.length) throw new NoteError("a key comes twice");
  return epochs;
}

/**
 * Check keys/<epoch>.note: the old key names the new one, and both sign.
 *
 * @param {Bytes} bytes
 * @param {string} org
 * @param {Epoch} before
 * @param {Epoch} after
 * @returns {Promise<string | null>} what is wrong; null: a valid succession
 */
export async function successionFault(bytes, org, before, after) {
  /** @type {Note} */
  let note;
  try {
    note = parseNote(bytes);
  } catch (error) {
    if (!(error instanceof NoteError)) throw error;
    return error.message;
  }
  const text = `ledger/v1 key succession\n${org}\n${after.epoch}\n${before.key.text}\n${after.key.text}\n`;
  if (note.text !== text) return "its text is not that of this succession";
  const both = [before.key.publicKey, after.key.publicKey];
  const signers = await signersOf(note, org, both);
  return signers?.size === 2 ? null : "it is not signed by both keys";
}

/** The keys of a site and how far the user's trust reaches. */
export class Trust {
  /**
   * @param {string} org
   * @param {Epoch[]} epochs of keys.json; empty where it cannot be read
   * @param {boolean[]} valid valid[e]: the succession to epoch e holds
   * @param {VerifierKey[]} given by the user
   */
  constructor(org, epochs, valid, given) {
    this.org = org;
    this.epochs = epochs;
    this.valid = valid;
    this.given = given;
  }

  /** @param {string} origin @returns {Known} */
  for(origin) {
    const ofSite = origin.startsWith(sitePrefix(this.org));
    const given = this.given.filter((key) => key.name === origin || (key.name === this.org && ofSite));
    if (!given.length) return { given: false, keys: this.epochs.map((each) => each.key.publicKey) };
    const reached = new Map(given.map((key) => [hex(key.publicKey), key.publicKey]));
    const follow = (/** @type {Epoch} */ from, /** @type {Epoch} */ to) => {
      if (reached.has(hex(from.key.publicKey))) reached.set(hex(to.key.publicKey), to.key.publicKey);
    };
    const steps = this.epochs.slice(1).map((after, i) => ({ before: /** @type {Epoch} */ (this.epochs[i]), after }));
    const valid = steps.filter(({ after }) => this.valid[after.epoch]);
    for (const { before, after } of valid) follow(before, after);
    for (const { before, after } of valid.reverse()) follow(after, before);
    return { given: true, keys: [...reached.values()] };
  }

  /**
   * @param {number} n organisation size, or entry
   * @returns {string | null} the public key in force there, in hex; null where keys.json says nothing
   */
  inForce(n) {
    let newest = null;
    for (const each of this.epochs) if (each.rotated === null || each.rotated < n) newest = each;
    return newest ? hex(newest.key.publicKey) : null;
  }
}
