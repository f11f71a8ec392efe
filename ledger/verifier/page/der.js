/**
 * DER (X.690): definite lengths in their shortest form, nothing after the value.
 *
 * @typedef {import("./bytes.js").Bytes} Bytes
 * @typedef {{tag: number, content: Bytes, whole: Bytes}} Der
 */
import { fromUtf8 } from "./bytes.js";

export class DerError extends Error {}

/** @param {Bytes} bytes @param {number} at @returns {Der} the value that starts there */
function valueAt(bytes, at) {
  const tag = Number(bytes[at]);
  const first = bytes[at + 1];
  if (first === undefined) throw new DerError("it ends too early");
  if ((tag & 0x1f) === 0x1f) throw new DerError("a tag of more than one byte");
  let length = first;
  let start = at + 2;
  if (first > 0x7f) {
    const count = first & 0x7f;
    if (count === 0 || count > 4) throw new DerError("an indefinite or enormous length");
    length = 0;
    for (const byte of bytes.subarray(start, start + count)) length = length * 256 + byte;
    start += count;
    if (length < 128 || length < 256 ** (count - 1)) throw new DerError("a length not in its shortest form");
  }
  if (start + length > bytes.length) throw new DerError("a value longer than what holds it");
  return { tag, content: bytes.slice(start, start + length), whole: bytes.slice(at, start + length) };
}

/**
 * @param {Bytes} bytes exactly one value
 * @param {number} tag it must have
 * @returns {Der}
 */
export function readDer(bytes, tag) {
  const value = valueAt(bytes, 0);
  if (value.whole.length !== bytes.length) throw new DerError("something after the value");
  if (value.tag !== tag) throw new DerError("a value of another type");
  return value;
}

/** @param {Der} value @returns {Der[]} what it is made of */
export function children(value) {
  if (!(value.tag & 0x20)) throw new DerError("a value without parts");
  const parts = [];
  for (let at = 0; at < value.content.length; ) {
    const part = valueAt(value.content, at);
    parts.push(part);
    at += part.whole.length;
  }
  return parts;
}

/**
 * The parts of a value in their order, optional ones skipped where they are not there.
 */
export class Parts {
  /** @param {Der} value */
  constructor(value) {
    this.parts = children(value);
    this.at = 0;
  }

  /** @param {number} tag @returns {Der} */
  take(tag) {
    return this.maybe(tag) ?? fail("a part is missing");
  }

  /** @param {number[]} tags @returns {Der | null} the next part where it has one of these tags */
  maybe(...tags) {
    const part = this.parts[this.at];
    if (!part || !tags.includes(part.tag)) return null;
    this.at++;
    return part;
  }

  /** @returns {Der} the next part, whatever it is */
  any() {
    return this.parts[this.at++] ?? fail("a part is missing");
  }

  /** @returns {void} */
  end() {
    if (this.at < this.parts.length) fail("a part too many");
  }
}

/** @param {string} why @returns {never} */
function fail(why) {
  throw new DerError(why);
}

/** @param {Der} value INTEGER, positive @returns {Bytes} big-endian without leading zeros */
export function integerBytes(value) {
  const [first, second = 0x80] = value.content;
  if (value.tag !== 2 || first === undefined || first > 0x7f) throw new DerError("not a positive number");
  if (first !== 0) return value.content;
  if (second < 0x80) throw new DerError("a number not in its shortest form");
  return value.content.slice(1);
}

/** @param {Der} value INTEGER below 2^31 @returns {number} */
export function smallInteger(value) {
  const bytes = integerBytes(value);
  if (bytes.length > 4) throw new DerError("a number too large");
  return bytes.reduce((sum, byte) => sum * 256 + byte, 0);
}

/** @param {Der} value OBJECT IDENTIFIER @returns {string} dotted */
export function objectId(value) {
  if (value.tag !== 6) throw new DerError("not an object identifier");
  const arcs = [];
  let arc = 0;
  for (const byte of value.content) {
    arc = arc * 128 + (byte & 0x7f);
    if (byte < 0x80) {
      arcs.push(arc);
      arc = 0;
    }
  }
  const first = arcs[0] ?? fail("an empty object identifier");
  const top = Math.min(2, Math.floor(first / 40));
  return [top, first - 40 * top, ...arcs.slice(1)].join(".");
}

/** @param {Der} value UTCTime or GeneralizedTime @returns {number} milliseconds since 1970 */
export function timeOf(value) {
  const text = String(fromUtf8(value.content));
  const found = /^(\d{2}|\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(?:\.(\d{1,9}))?Z$/.exec(text);
  if (!found || ![0x17, 0x18].includes(value.tag) || (value.tag === 0x17) !== (String(found[1]).length === 2)) {
    throw new DerError("not a time");
  }
  const [, years = "", month, day, hour, minute, second, part = "0"] = found;
  const year = years.length === 4 ? Number(years) : Number(years) + (Number(years) < 50 ? 2000 : 1900);
  const iso = `${String(year).padStart(4, "0")}-${month}-${day}T${hour}:${minute}:${second}Z`;
  const at = Date.parse(iso);
  if (Number.isNaN(at)) throw new DerError("not a time");
  return at + Number(`0.${part}`) * 1000;
}
