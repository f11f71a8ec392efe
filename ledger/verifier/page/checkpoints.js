/**
 * Checkpoints of the bundle and of the organisation's record (formats.md: Verifier, step 4; L401-L408, L505).
 *
 * @typedef {import("./bytes.js").Bytes} Bytes
 * @typedef {import("./archive.js").Archive} Archive
 * @typedef {import("./run.js").Run} Run
 * @typedef {import("./stream_state.js").StreamState} StreamState
 * @typedef {import("./stream_state.js").Checkpoint} Checkpoint
 * @typedef {import("./stream_state.js").Recorded} Recorded
 * @typedef {import("./manifest.js").StreamRow} StreamRow
 * @typedef {import("./trust.js").Trust} Trust
 * @typedef {{size: number, root: Bytes}} Claim  that the tree of that size has that root
 */
import { fromHex, hex, sameBytes } from "./bytes.js";
import { LOG_KEY, NoteError, keyId, parseCheckpoint, parseNote, signersOf } from "./notes.js";

const NOTE_READ = 64 * 1024 + 1;

/**
 * Read the checkpoints of a stream and want their roots (L108, L401, L403).
 *
 * @param {Archive} archive
 * @param {StreamState} state
 * @param {(code: string, message: string) => void} missing tells what is not there
 */
export async function readCheckpoints(archive, state, missing) {
  const newest = state.row.checkpoints.at(-1) ?? 0;
  for (const size of state.row.checkpoints) {
    const path = size === newest ? `${state.folder}/checkpoint` : `${state.folder}/checkpoints/${size}`;
    const bytes = await archive.read(path, NOTE_READ);
    if (!bytes) {
      missing("L108", `${path} of ${state.origin} is missing.`);
      state.findings.add("L401", `The checkpoint at size ${size} is missing.`);
      continue;
    }
    try {
      const note = parseNote(bytes);
      const head = parseCheckpoint(note);
      if (head.origin !== state.origin || head.size !== size) {
        state.findings.add("L403", `${path} is of ${head.origin} at size ${head.size}.`);
      }
      if (head.origin !== state.origin) continue;
      const placed = head.size === size;
      state.checkpoints.push({ size: head.size, root: head.root, note, path, placed, good: false });
      state.wantRoot(head.size);
    } catch (error) {
      if (!(error instanceof NoteError)) throw error;
      state.findings.add("L401", `${path} is no checkpoint: ${error.message}.`);
    }
  }
}

/**
 * Compare claims of one source with the entries.
 *
 * @param {StreamState} state
 * @param {Claim[]} claims
 * @param {string} code for a root that differs: L404 or L405
 * @param {string} source in words, for the sentence
 * @returns {Set<Claim>} the ones that hold
 */
export function compareRoots(state, claims, code, source) {
  const held = /** @type {Set<Claim>} */ (new Set());
  let good = 0; // the largest size that holds so far, and the one before it
  let below = 0;
  for (const claim of [...claims].sort((a, b) => a.size - b.size)) {
    if (claim.size > state.size) {
      state.findings.add("L406", `Counted by ${source} are ${claim.size} entries; ${state.size} are here.`, state.size);
    } else if (sameBytes(claim.root, state.roots.get(claim.size) ?? new Uint8Array(0))) {
      held.add(claim);
      if (claim.size > good) [below, good] = [good, claim.size];
    } else {
      state.findings.add(code, `The entries do not give the root of ${source} at size ${claim.size}.`, good < claim.size ? good : below);
    }
  }
  return held;
}

/**
 * Judge signature and root of each checkpoint of a stream.
 *
 * @param {Run} run
 * @param {StreamState} state
 * @param {Trust} trust
 * @param {Recorded[]} records of the organisation about this stream
 */
export async function judgeCheckpoints(run, state, trust, records) {
  const claims = [...state.checkpoints, { size: state.row.size, root: state.row.root }];
  const newest = state.row.checkpoints.at(-1) ?? 0;
  const held = compareRoots(state, claims, "L404", "a checkpoint");
  for (const checkpoint of state.checkpoints) {
    const signed = await signature(state, checkpoint, trust, records);
    checkpoint.good = checkpoint.placed && signed && (held.has(checkpoint) ? signed === "trusted" || null : false);
    if (checkpoint.good !== false) run.count("checkpoints");
    await run.step();
  }
  if (state.size > newest) state.findings.add("L407", `No checkpoint covers the entries from ${newest} on.`);
}

/**
 * @param {StreamState} state
 * @param {Checkpoint} checkpoint
 * @param {Trust} trust
 * @param {Recorded[]} records
 * @returns {Promise<"trusted" | "unknown" | false>} unknown: by keys of the bundle alone
 */
async function signature(state, checkpoint, trust, records) {
  const known = trust.for(state.origin);
  const signers = await signersOf(checkpoint.note, state.origin, known.keys);
  if (!signers?.size) {
    state.findings.add("L402", `The checkpoint at size ${checkpoint.size} has no valid signature of a trusted key.`);
    return false;
  }
  const record = records.find((each) => each.size === checkpoint.size);
  const place = state.isOrg ? checkpoint.size : record?.seq;
  const due = place === undefined ? null : trust.inForce(place);
  if (due && !signers.has(due)) {
    state.findings.add("L505", `The checkpoint at size ${checkpoint.size} is not signed by the key in force.`);
    return false;
  }
  return known.given ? "trusted" : "unknown";
}

/**
 * Compare a project stream with what the organisation's stream recorded of it (L405, L406, L408, L505).
 *
 * @param {StreamState} state
 * @param {Recorded[]} records
 * @param {Trust} trust
 * @param {boolean} hidden whether bodies of the organisation's stream cannot be read
 */
export function compareRecords(state, records, trust, hidden) {
  const claims = records.map((each) => ({ size: each.size, root: fromHex(each.root) ?? new Uint8Array(0) }));
  compareRoots(state, claims, "L405", "the organisation's record");
  for (const record of records) {
    const due = trust.inForce(record.seq);
    const publicKey = due && fromHex(due);
    if (publicKey && keyId(state.origin, LOG_KEY, publicKey) !== record.keyId) {
      state.findings.add("L505", `The organisation recorded the checkpoint at size ${record.size} under a key not in force.`);
    }
  }
  if (hidden) return;
  const sizes = new Set(records.map((each) => each.size));
  for (const { size } of state.checkpoints) {
    if (!sizes.has(size)) state.findings.add("L408", `The organisation's stream does not record the checkpoint at size ${size}.`);
  }
}

/**
 * Every recorded stream is listed, and one that is not included by its newest recorded head (L408).
 *
 * @param {StreamState} org
 * @param {StreamRow[]} rows
 */
export function compareListed(org, rows) {
  const listed = new Map(rows.map((row) => [row.origin, row]));
  const heads = /** @type {Map<string, Recorded>} */ (new Map());
  for (const record of org.records) {
    if (record.size >= (heads.get(record.origin)?.size ?? 0)) heads.set(record.origin, record);
  }
  for (const origin of heads.keys()) {
    if (!listed.has(origin)) org.findings.add("L408", `${origin} is recorded here, and the bundle does not list it.`);
  }
  for (const row of rows) {
    if (row.included) continue;
    const head = heads.get(row.origin);
    const same = head?.size === row.size && head.root === hex(row.root);
    const newerMayBeHidden = org.hidden > 0 && row.size > (head?.size ?? 0);
    if (!same && !newerMayBeHidden) {
      org.findings.add("L408", `${row.origin} is not listed by the newest head recorded here.`);
    }
  }
}
