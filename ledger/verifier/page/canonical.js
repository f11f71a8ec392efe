/**
 * Canonical JSON of ledger/v1 (RFC 8785, restricted): read it, refuse every other spelling.
 *
 * The reader accepts the canonical spelling alone, so what it accepts needs no second pass.
 *
 * @typedef {import("./bytes.js").Bytes} Bytes
 * @typedef {null | boolean | number | string | Json[] | {[key: string]: Json}} Json
 * @typedef {{[key: string]: Json}} JsonObject
 */
import { fromUtf8 } from "./bytes.js";

export const BODY_LIMIT = 1 << 20;
const MAX_DEPTH = 32;
const PLAIN = /[^"\\\u0000-\u001f]*/y;
const KEY = /"([!#-[\]-~]{1,64})":/y;
const NUMBER = /-?(?:0|[1-9][0-9]{0,15})/y;
/** @type {{[letter: string]: string}} */
const SHORT = { '"': '"', "\\": "\\", b: "\b", f: "\f", n: "\n", r: "\r", t: "\t" };
/** @type {[string, boolean | null][]} */
const WORDS_OF_JSON = [["true", true], ["false", false], ["null", null]];

export class CanonicalError extends Error {}

/**
 * Read one object of canonical JSON.
 *
 * @param {Bytes} bytes
 * @param {number} [limit] bytes it may have
 * @returns {JsonObject} without a prototype, so `__proto__` is a key as any other
 * @throws {CanonicalError} saying what is wrong and at which character
 */
export function parseCanonical(bytes, limit = BODY_LIMIT) {
  if (bytes.length > limit) throw new CanonicalError(`more than ${limit} bytes`);
  const text = fromUtf8(bytes);
  if (text === null) throw new CanonicalError("not UTF-8");
  const reader = new Reader(text);
  if (text[0] !== "{") reader.fail("not an object");
  const value = reader.object(1);
  if (reader.at !== text.length) reader.fail("something after the object");
  return value;
}

class Reader {
  /** @param {string} text */
  constructor(text) {
    this.text = text;
    this.at = 0;
  }

  /** @param {string} what @returns {never} */
  fail(what) {
    throw new CanonicalError(`${what} at character ${this.at}`);
  }

  /** @param {RegExp} sticky @returns {RegExpExecArray | null} and moves on past it */
  take(sticky) {
    sticky.lastIndex = this.at;
    const found = sticky.exec(this.text);
    if (found) this.at = sticky.lastIndex;
    return found;
  }

  /** @param {string} char @returns {boolean} whether it was there; then it is taken */
  skip(char) {
    if (this.text[this.at] !== char) return false;
    this.at++;
    return true;
  }

  /** @param {number} depth @returns {Json} */
  value(depth) {
    const char = this.text[this.at];
    if (char === '"') return this.string();
    if (char === "{") return this.object(depth + 1);
    if (char === "[") return this.list(depth + 1);
    for (const [word, meaning] of WORDS_OF_JSON) {
      if (this.text.startsWith(word, this.at)) {
        this.at += word.length;
        return meaning;
      }
    }
    return this.number();
  }

  /** @param {number} depth @returns {JsonObject} */
  object(depth) {
    this.open(depth);
    const found = /** @type {JsonObject} */ (Object.create(null));
    if (this.skip("}")) return found;
    for (let before = ""; ; ) {
      const key = this.take(KEY)?.[1] ?? this.fail("no key");
      if (key <= before) this.fail("a key twice or out of order");
      before = key;
      found[key] = this.value(depth);
      if (this.skip("}")) return found;
      if (!this.skip(",")) this.fail("no comma");
    }
  }

  /** @param {number} depth @returns {Json[]} */
  list(depth) {
    this.open(depth);
    /** @type {Json[]} */
    const found = [];
    if (this.skip("]")) return found;
    for (;;) {
      found.push(this.value(depth));
      if (this.skip("]")) return found;
      if (!this.skip(",")) this.fail("no comma");
    }
  }

  /** @param {number} depth of the container that opens here */
  open(depth) {
    if (depth > MAX_DEPTH) this.fail("nested too deep");
    this.at++;
  }

  /** @returns {number} */
  number() {
    const digits = this.take(NUMBER)?.[0] ?? this.fail("no value");
    const value = Number(digits);
    if (!Number.isSafeInteger(value) || digits === "-0") this.fail("a number out of range");
    return value;
  }

  /** @returns {string} */
  string() {
    this.at++;
    let found = "";
    for (;;) {
      const from = this.at;
      this.take(PLAIN);
      found += this.text.slice(from, this.at);
      if (this.skip('"')) return found;
      if (!this.skip("\\")) this.fail("a string that does not end or holds a control character");
      found += this.escaped();
    }
  }

  /** @returns {string} */
  escaped() {
    const letter = this.text.charAt(this.at++);
    const short = SHORT[letter];
    if (short) return short;
    const code = letter === "u" ? this.take(/00[01][0-9a-f]/y)?.[0] : undefined;
    const char = code ? String.fromCharCode(parseInt(code, 16)) : "";
    if ("\0\b\f\n\r\t".includes(char)) this.fail("an escape that is not canonical");
    return char;
  }
}
