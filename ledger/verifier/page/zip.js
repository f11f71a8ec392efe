/**
 * The zip of a bundle, read piece by piece: stored members, one after the other, nothing else.
 *
 * The reader knows one form (formats.md: Bundle). It writes down the headers that this form
 * gives for what the directory says and compares the bytes: whatever differs is a finding.
 *
 * @typedef {import("./bytes.js").Bytes} Bytes
 * @typedef {{path: string, crc: number, size: number, offset: number, start: number}} Member
 *   offset of its header, start of its bytes in the file
 */
import { concat, sameBytes, utf8, view } from "./bytes.js";

const END = 0x06054b50;
const END64 = 0x06064b50;
const DIRECTORY_LIMIT = 256 * 1024 * 1024;
const BIG = 0xffffffff;
const WINDOW = 4 * 1024 * 1024;
const FIRST = ["manifest.json", "manifest.note"];

export class ArchiveError extends Error {}

/** The bytes of a file on disk, a window of them in memory. */
export class Source {
  /** @param {Blob} blob */
  constructor(blob) {
    this.blob = blob;
    this.size = blob.size;
    this.at = 0;
    this.held = new Uint8Array(0);
  }

  /** @param {number} start @param {number} length @returns {Promise<Bytes>} fewer at the end of the file */
  async bytes(start, length) {
    const end = Math.min(start + length, this.size);
    if (start < this.at || end > this.at + this.held.length) {
      this.held = new Uint8Array(await this.blob.slice(start, Math.max(end, start + WINDOW)).arrayBuffer());
      this.at = start;
    }
    return this.held.slice(start - this.at, Math.max(start, end) - this.at);
  }
}

/** @param {number} value @returns {boolean} whether a 32-bit field cannot hold it */
function isBig(value) {
  return value >= BIG;
}

/** @param {number[]} values @returns {Bytes} zip64 extra field; empty for no values */
function extra64(values) {
  if (!values.length) return new Uint8Array(0);
  const bytes = new Uint8Array(4 + 8 * values.length);
  view(bytes).setUint16(0, 1, true);
  view(bytes).setUint16(2, 8 * values.length, true);
  values.forEach((value, i) => view(bytes).setBigUint64(4 + 8 * i, BigInt(value), true));
  return bytes;
}

/** @param {[number, number][]} fields width in bytes and value @returns {Bytes} little-endian */
function packed(fields) {
  const bytes = new Uint8Array(fields.reduce((sum, [width]) => sum + width, 0));
  let at = 0;
  for (const [width, value] of fields) {
    let rest = value;
    for (let i = 0; i < width; i++, rest = Math.floor(rest / 256)) bytes[at++] = rest % 256;
  }
  return bytes;
}

/** @param {Member} member @returns {Bytes} its local header, name and extra field */
export function localHeader(member) {
  const big = isBig(member.size);
  const extra = extra64(big ? [member.size, member.size] : []);
  const size = big ? BIG : member.size;
  const head = packed([
    [4, 0x04034b50], [2, big ? 45 : 20], [2, 0], [2, 0], [2, 0], [2, 0x21], [4, member.crc],
    [4, size], [4, size], [2, member.path.length], [2, extra.length],
  ]);
  return concat(head, utf8(member.path), extra);
}

/** @param {Member} member @returns {Bytes} its record in the directory */
export function directoryRecord(member) {
  const big = isBig(member.size);
  const extra = extra64([...(big ? [member.size, member.size] : []), ...(isBig(member.offset) ? [member.offset] : [])]);
  const version = extra.length ? 45 : 20;
  const size = big ? BIG : member.size;
  const head = packed([
    [4, 0x02014b50], [2, (3 << 8) | version], [2, version], [2, 0], [2, 0], [2, 0], [2, 0x21], [4, member.crc],
    [4, size], [4, size], [2, member.path.length], [2, extra.length], [2, 0], [2, 0], [2, 0],
    [4, 0o100644 * 0x10000], [4, Math.min(member.offset, BIG)],
  ]);
  return concat(head, utf8(member.path), extra);
}

/** @param {number} count @param {number} size @param {number} offset of the directory @returns {Bytes} */
export function directoryEnd(count, size, offset) {
  const big = isBig(size) || isBig(offset) || count >= 0xffff;
  const end64 = packed([
    [4, END64], [8, 44], [2, 45], [2, 45], [4, 0], [4, 0], [8, count], [8, count], [8, size], [8, offset],
    [4, 0x07064b50], [4, 0], [8, offset + size], [4, 1],
  ]);
  const end = packed([
    [4, END], [2, 0], [2, 0], [2, Math.min(count, 0xffff)], [2, Math.min(count, 0xffff)],
    [4, Math.min(size, BIG)], [4, Math.min(offset, BIG)], [2, 0],
  ]);
  return big ? concat(end64, end) : end;
}

/**
 * Read the directory.
 *
 * @param {Source} source
 * @returns {Promise<{members: Member[], faults: string[]}>} faults: what differs from the one form
 * @throws {ArchiveError} where there is no directory to read
 */
export async function readDirectory(source) {
  const end = await findEnd(source);
  const raw = await source.bytes(end.offset, end.size);
  if (raw.length !== end.size) throw new ArchiveError("the directory is cut off");
  const members = [];
  const faults = [];
  for (let at = 0; at < raw.length; ) {
    const { member, length } = directoryMember(raw, at);
    if (!sameBytes(directoryRecord(member), raw.subarray(at, at + length))) {
      faults.push(`the directory record of ${shown(member.path)} has another form`);
    }
    members.push(member);
    at += length;
  }
  const tail = await source.bytes(end.offset + end.size, source.size);
  const expected = directoryEnd(members.length, end.size, end.offset);
  if (!sameBytes(tail, expected)) faults.push("the end of the archive has another form");
  faults.push(...placeFaults(members, end.offset));
  return { members, faults };
}

/** @param {Source} source @returns {Promise<{offset: number, size: number}>} where the directory is */
async function findEnd(source) {
  const tail = await source.bytes(Math.max(0, source.size - 66000), 66000);
  const fields = view(tail);
  let at = tail.length - 22;
  while (at >= 0 && fields.getUint32(at, true) !== END) at--;
  if (at < 0) throw new ArchiveError("no directory of a zip archive");
  let size = fields.getUint32(at + 12, true);
  let offset = fields.getUint32(at + 16, true);
  if (at >= 76 && fields.getUint32(at - 76, true) === END64) {
    size = Number(fields.getBigUint64(at - 36, true));
    offset = Number(fields.getBigUint64(at - 28, true));
  }
  if (size > DIRECTORY_LIMIT || offset + size > source.size) throw new ArchiveError("the directory lies outside the file");
  return { offset, size };
}

/** @param {Bytes} raw @param {number} at @returns {{member: Member, length: number}} */
function directoryMember(raw, at) {
  if (at + 46 > raw.length) throw new ArchiveError("a directory record is cut off");
  const fields = view(raw);
  if (fields.getUint32(at, true) !== 0x02014b50) throw new ArchiveError("a directory record has no mark");
  const name = fields.getUint16(at + 28, true);
  const extra = fields.getUint16(at + 30, true);
  const length = 46 + name + extra + fields.getUint16(at + 32, true);
  if (at + length > raw.length) throw new ArchiveError("a directory record is cut off");
  const path = String.fromCharCode(...raw.subarray(at + 46, at + 46 + name));
  const crc = fields.getUint32(at + 16, true);
  let size = fields.getUint32(at + 24, true);
  let offset = fields.getUint32(at + 42, true);
  let more = at + 46 + name + 4;
  if (size === BIG && extra >= 20) {
    size = Number(fields.getBigUint64(more, true));
    more += 16;
  }
  if (offset === BIG && more + 8 <= at + 46 + name + extra) offset = Number(fields.getBigUint64(more, true));
  const member = { path, crc, size, offset, start: 0 };
  member.start = offset + localHeader(member).length;
  return { member, length };
}

/** @param {Member[]} members @param {number} end @returns {string[]} gaps and wrong order */
function placeFaults(members, end) {
  const faults = [];
  let next = 0;
  members.forEach((member, i) => {
    if (member.offset !== next) faults.push(`there is a gap before ${shown(member.path)}`);
    next = member.start + member.size;
    const ordered = i < 2 ? member.path === FIRST[i] : i === 2 || member.path > /** @type {Member} */ (members[i - 1]).path;
    if (!ordered) faults.push(`${shown(member.path)} is not in its place in the order`);
  });
  if (next !== end) faults.push("there is a gap before the directory");
  return faults;
}

/** @param {string} path @returns {string} fit to be printed */
export function shown(path) {
  return path.replace(/[^ -~]/g, "?").slice(0, 200);
}

/** @param {string} path @returns {boolean} */
export function isSafePath(path) {
  return path.length <= 200 && path.split("/").every((part) => /^[A-Za-z0-9._-]+$/.test(part) && part !== "." && part !== "..");
}
