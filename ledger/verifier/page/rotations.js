/**
 * Keys of the site, their successions and rotation entries (formats.md: Notes and keys; L501-L504).
 *
 * @typedef {import("./archive.js").Archive} Archive
 * @typedef {import("./report.js").Findings} Findings
 * @typedef {import("./notes.js").VerifierKey} VerifierKey
 * @typedef {import("./stream_state.js").StreamState} StreamState
 * @typedef {import("./trust.js").Epoch} Epoch
 */
import { CanonicalError } from "./canonical.js";
import { NoteError, signersOf } from "./notes.js";
import { Trust, readKeys, successionFault } from "./trust.js";

const LIMIT = 1 << 20;

/**
 * @param {Archive} archive
 * @param {string} org
 * @param {VerifierKey[]} given
 * @param {Findings} findings of the bundle
 * @returns {Promise<{trust: Trust, faults: {seq: number, message: string}[]}>} faults: due as L502
 */
export async function readTrust(archive, org, given, findings) {
  /** @type {Epoch[]} */
  let epochs = [];
  const bytes = await archive.read("keys.json", LIMIT + 1);
  if (!bytes) findings.add("L108", "keys.json is missing.");
  else {
    try {
      epochs = readKeys(bytes, org);
    } catch (error) {
      if (!(error instanceof CanonicalError || error instanceof NoteError)) throw error;
      findings.add("L501", `keys.json is not in order: ${error.message}.`);
    }
  }
  const valid = [true];
  const faults = [];
  for (const [i, after] of epochs.slice(1).entries()) {
    const note = await archive.read(`keys/${after.epoch}.note`, LIMIT);
    const before = /** @type {Epoch} */ (epochs[i]);
    const fault = note ? await successionFault(note, org, before, after) : "it is missing";
    valid[after.epoch] = fault === null;
    if (fault) faults.push({ seq: after.rotated ?? 0, message: `The succession keys/${after.epoch}.note does not hold: ${fault}.` });
  }
  return { trust: new Trust(org, epochs, valid, given), faults };
}

/**
 * Rotation entries say what keys.json says, and the checkpoint after each is signed by both keys (L503, L504).
 *
 * @param {StreamState} state of the organisation
 * @param {Trust} trust
 */
export async function judgeRotations(state, trust) {
  const told = new Map(state.rotations.map((each) => [each.seq, each.payload]));
  for (const [i, after] of trust.epochs.slice(1).entries()) {
    const before = /** @type {Epoch} */ (trust.epochs[i]);
    const seq = after.rotated ?? 0;
    const payload = told.get(seq);
    told.delete(seq);
    const fits = payload?.["epoch"] === after.epoch && payload["old_vkey"] === before.key.text && payload["new_vkey"] === after.key.text;
    if (!fits) state.findings.add("L503", `It is not the rotation to epoch ${after.epoch} that keys.json names.`, seq);
    const first = state.checkpoints.find((each) => each.size > seq);
    const both = [before.key.publicKey, after.key.publicKey];
    const signers = first && (await signersOf(first.note, state.origin, both));
    if (signers?.size !== 2) state.findings.add("L504", "No checkpoint after it is signed by the old key and the new one.", seq);
  }
  for (const seq of told.keys()) state.findings.add("L503", "keys.json does not name this rotation.", seq);
}
