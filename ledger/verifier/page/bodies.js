/**
 * Bodies beside the entries: framing, commitments, canonical bytes, envelopes (L301-L304, L306).
 *
 * @typedef {import("./bytes.js").Bytes} Bytes
 * @typedef {import("./archive.js").Archive} Archive
 * @typedef {import("./canonical.js").JsonObject} JsonObject
 * @typedef {import("./run.js").Run} Run
 * @typedef {import("./stream_state.js").StreamState} StreamState
 * @typedef {import("./stream_state.js").Leaf} Leaf
 * @typedef {import("./zip.js").Source} Source
 * @typedef {{body: JsonObject, at: number, length: number}} Read  where the bytes are in the file
 * @typedef {{kind: number, salt: Bytes, body: Bytes, at: number}} BodyRecord
 */
import { hex, sameBytes, view } from "./bytes.js";
import { BODY_LIMIT, CanonicalError, parseCanonical } from "./canonical.js";
import { envelopeFault } from "./forms.js";
import { sha256 } from "./sha256.js";
import { tileAt } from "./places.js";

const ERASED = 0;
const PRESENT = 1;
const WITHHELD = 2;
const HEAD = 21;
const SALT = 16;
const TWO = new Uint8Array([2]);
const EMPTY = new Uint8Array(0);

class FramingError extends Error {}

/** @param {Bytes} salt @param {Bytes} body @returns {Bytes} SHA-256(0x02 || salt || body) */
export function commitmentOf(salt, body) {
  return sha256(TWO, salt, body);
}

/** The records of one bodies file, one after the other. */
class BodyFile {
  /** @param {Source} source @param {{start: number, size: number}} member */
  constructor(source, member) {
    this.source = source;
    this.at = member.start;
    this.end = member.start + member.size;
  }

  /** @returns {Promise<BodyRecord>} @throws {FramingError} */
  async next() {
    const head = await this.take(1);
    const kind = head[0];
    if (kind === ERASED || kind === WITHHELD) return { kind, salt: EMPTY, body: EMPTY, at: this.at };
    if (kind !== PRESENT) throw new FramingError("a record of unknown kind");
    const rest = await this.take(HEAD - 1);
    const length = view(rest).getUint32(SALT);
    if (length > BODY_LIMIT) throw new FramingError("a body over 1 MiB");
    const at = this.at;
    return { kind, salt: rest.subarray(0, SALT), body: await this.take(length), at };
  }

  /** @param {number} length @returns {Promise<Bytes>} */
  async take(length) {
    if (this.at + length > this.end) throw new FramingError("it ends too early");
    const bytes = await this.source.bytes(this.at, length);
    if (bytes.length < length) throw new FramingError("it ends too early");
    this.at += length;
    return bytes;
  }
}

/**
 * Read the bodies of one entry bundle and hand over those that can be relied on.
 *
 * @param {Run} run
 * @param {Archive} archive
 * @param {Source} source for bodies alone, so that its window moves forward
 * @param {StreamState} state
 * @param {Leaf[]} leaves of the entry bundle
 * @param {(leaf: Leaf, read: Read) => void} visit
 */
export async function readBodies(run, archive, source, state, leaves, visit) {
  const [first] = leaves;
  if (!first) return;
  const path = tileAt(`${state.folder}/bodies`, state.row.size, first.seq).path;
  const file = new BodyFile(source, archive.byPath.get(path) ?? { start: 0, size: 0 });
  let seq = first.seq;
  try {
    for (const leaf of leaves) {
      seq = leaf.seq;
      const record = await file.next();
      const read = judged(state, leaf, record);
      if (read) visit(leaf, read);
      await run.pause();
    }
    if (file.at !== file.end) throw new FramingError("something after its last record");
  } catch (error) {
    if (!(error instanceof FramingError)) throw error;
    state.findings.add("L302", `In ${path}, ${error.message}.`, seq);
  }
}

/** @param {StreamState} state @param {Leaf} leaf @param {BodyRecord} record @returns {Read | null} */
function judged(state, leaf, { kind, salt, body, at }) {
  if (kind === ERASED) state.blank.set(leaf.seq, hex(leaf.commitment));
  if (kind === WITHHELD) state.withheld.set(leaf.seq, hex(leaf.commitment));
  if (kind !== PRESENT) return null;
  if (!sameBytes(commitmentOf(salt, body), leaf.commitment)) state.findings.add("L301", "Its body is not the one that was sealed.", leaf.seq);
  try {
    const json = parseCanonical(body);
    const fault = envelopeFault(json);
    if (!fault) return { body: json, at, length: body.length };
    state.findings.add("L304", `Of its body, ${fault}.`, leaf.seq);
  } catch (error) {
    if (!(error instanceof CanonicalError)) throw error;
    state.findings.add("L303", `Its body is no canonical JSON: ${error.message}.`, leaf.seq);
  }
  return null;
}

/**
 * Compare the withheld bodies with the list of the manifest (L306).
 *
 * @param {StreamState} state
 * @param {{origin: string, seq: number, commitment: string}[]} rows
 */
export function compareWithheld(state, rows) {
  const listed = new Map(rows.filter((row) => row.origin === state.origin).map((row) => [row.seq, row.commitment]));
  for (const [seq, commitment] of state.withheld) {
    if (listed.get(seq) !== commitment) {
      const why = listed.has(seq) ? "listed with another commitment" : "not listed";
      state.findings.add("L306", `Its body is withheld and ${why}.`, seq);
    }
  }
  for (const seq of listed.keys()) {
    if (!state.withheld.has(seq)) state.findings.add("L306", "It is listed as withheld, and its body is not.", seq);
  }
}
