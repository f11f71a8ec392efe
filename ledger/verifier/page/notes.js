/**
 * C2SP signed notes, checkpoints and verifier keys (formats.md: Notes and keys).
 *
 * @typedef {import("./bytes.js").Bytes} Bytes
 * @typedef {{name: string, id: string, signature: Bytes}} NoteLine  id: 8 hex digits
 * @typedef {{text: string, lines: NoteLine[]}} Note
 * @typedef {{origin: string, size: number, root: Bytes}} Head
 * @typedef {{name: string, id: string, kind: number, publicKey: Bytes, text: string}} VerifierKey
 */
import { concat, fromBase64, fromHex, fromUtf8, hex, utf8, view } from "./bytes.js";
import { verifyEd25519 } from "./algorithms.js";
import { isOrigin } from "./forms.js";
import { HASH_BYTES } from "./merkle.js";
import { sha256 } from "./sha256.js";

const NOTE_LIMIT = 64 * 1024;
const MAX_LINES = 32;
const LINE = /^\u2014 ([^\s+]+) ([A-Za-z0-9+/]+={0,2})$/u;
export const LOG_KEY = 1;
export const WITNESS_KEY = 4;

export class NoteError extends Error {}

/** @param {Bytes} bytes @returns {Note} @throws {NoteError} */
export function parseNote(bytes) {
  const whole = bytes.length > NOTE_LIMIT ? null : fromUtf8(bytes);
  if (whole === null) throw new NoteError("longer than 64 KiB or not UTF-8");
  if (/[^\P{Cc}\n]/u.test(whole)) throw new NoteError("a control character");
  const split = whole.lastIndexOf("\n\n");
  if (split < 1 || !whole.endsWith("\n")) throw new NoteError("no text, empty line and signatures");
  const rows = whole.slice(split + 2, -1).split("\n");
  if (rows.length > MAX_LINES) throw new NoteError("more than 32 signature lines");
  return { text: whole.slice(0, split + 1), lines: rows.map(noteLine) };
}

/** @param {string} row @returns {NoteLine} */
function noteLine(row) {
  const found = LINE.exec(row);
  const bytes = fromBase64(String(found?.[2]));
  if (!found || !bytes || bytes.length < 5) throw new NoteError("a signature line of another form");
  return { name: String(found[1]), id: hex(bytes.subarray(0, 4)), signature: bytes.subarray(4) };
}

/** @param {Note} note @returns {Head} @throws {NoteError} */
export function parseCheckpoint(note) {
  const [origin, digits, encoded, end, ...more] = note.text.split("\n");
  const root = fromBase64(String(encoded));
  if (end !== "" || more.length) throw new NoteError("not exactly three lines");
  if (!isOrigin(origin)) throw new NoteError("no origin in the first line");
  if (!/^[1-9][0-9]{0,19}$/.test(String(digits))) throw new NoteError("no size in the second line");
  if (!root || root.length !== HASH_BYTES) throw new NoteError("no root hash in the third line");
  return { origin, size: Number(digits), root };
}

/** @param {string} name @param {number} kind @param {Bytes} publicKey @returns {string} 8 hex digits */
export function keyId(name, kind, publicKey) {
  return hex(sha256(utf8(`${name}\n`), new Uint8Array([kind]), publicKey).subarray(0, 4));
}

/**
 * @param {string} text name+hex+base64
 * @returns {VerifierKey} of either kind
 * @throws {NoteError} saying what is wrong with it
 */
export function parseKey(text) {
  const found = /^([^\s+]+)\+([0-9a-f]{8})\+(.+)$/u.exec(text);
  const bytes = fromBase64(String(found?.[3]));
  const kind = Number(bytes?.[0]);
  if (!found || bytes?.length !== 1 + HASH_BYTES || ![LOG_KEY, WITNESS_KEY].includes(kind)) {
    throw new NoteError("a key reads name+8 hex digits+base64");
  }
  const [name, id] = [String(found[1]), String(found[2])];
  const publicKey = bytes.slice(1);
  if (keyId(name, kind, publicKey) !== id) throw new NoteError("the id of the key does not belong to its name and bytes");
  return { name, id, kind, publicKey, text };
}

/**
 * @param {string} text a vkey under the name of a stream
 * @returns {VerifierKey}
 * @throws {NoteError}
 */
export function parseLogKey(text) {
  const key = parseKey(text);
  if (key.kind !== LOG_KEY || !isOrigin(key.name)) throw new NoteError("not the key of a log");
  return key;
}

/**
 * Who of `known` signed the note under `name`.
 *
 * @param {Note} note
 * @param {string} name of the stream
 * @param {Bytes[]} known public keys
 * @returns {Promise<Set<string> | null>} public keys in hex; null where a line of a known key
 *   fails, which refuses the whole note
 */
export async function signersOf(note, name, known) {
  const byId = new Map(known.map((key) => [keyId(name, LOG_KEY, key), key]));
  const text = utf8(note.text);
  const signers = /** @type {Set<string>} */ (new Set());
  for (const line of note.lines) {
    const key = line.name === name ? byId.get(line.id) : undefined;
    if (!key) continue;
    if (!(await verifyEd25519(key, line.signature, text))) return null;
    signers.add(hex(key));
  }
  return signers;
}

/**
 * Which of `witnesses` cosigned the note (C2SP tlog-cosignature v1).
 *
 * @param {Note} note
 * @param {VerifierKey[]} witnesses
 * @returns {Promise<{name: string, at: bigint}[] | null>} null where a line of one of them fails
 */
export async function cosigners(note, witnesses) {
  const found = [];
  for (const line of note.lines) {
    const witness = witnesses.find((each) => each.name === line.name && each.id === line.id);
    if (!witness) continue;
    if (line.signature.length !== 72) return null;
    const at = view(line.signature).getBigUint64(0);
    const message = concat(utf8(`cosignature/v1\ntime ${at}\n`), utf8(note.text));
    if (!(await verifyEd25519(witness.publicKey, line.signature.slice(8), message))) return null;
    found.push({ name: line.name, at });
  }
  return found;
}

/** @param {string} text @returns {Bytes | null} the 4 bytes of a key id in hex */
export function keyIdBytes(text) {
  const bytes = fromHex(text);
  return bytes?.length === 4 ? bytes : null;
}
