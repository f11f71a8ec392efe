/**
 * Bytes as text and back: hex, base64, UTF-8. Every decoder accepts one spelling only.
 *
 * @typedef {Uint8Array<ArrayBuffer>} Bytes
 */

const HEX = Array.from({ length: 256 }, (_, value) => value.toString(16).padStart(2, "0"));
const STRICT_UTF8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const ENCODER = new TextEncoder();

/** @param {Bytes} bytes @returns {string} lower-case hex */
export function hex(bytes) {
  let text = "";
  for (const byte of bytes) text += HEX[byte];
  return text;
}

/** @param {string} text lower-case hex @returns {Bytes | null} null unless exactly that */
export function fromHex(text) {
  if (!/^(?:[0-9a-f]{2})*$/.test(text)) return null;
  return Uint8Array.from(text.match(/../g) ?? [], (pair) => parseInt(pair, 16));
}

/** @param {Bytes} bytes @returns {string} RFC 4648 section 4, padded */
export function base64(bytes) {
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  return btoa(text);
}

/**
 * @param {string} text RFC 4648 section 4, padded, canonical: no spare bits, no white space
 * @returns {Bytes | null} null where the text has any other form
 */
export function fromBase64(text) {
  if (text.length % 4 || !/^[A-Za-z0-9+/]*={0,2}$/.test(text)) return null;
  const bytes = Uint8Array.from(atob(text), (char) => char.charCodeAt(0));
  return base64(bytes) === text ? bytes : null;
}

/** @param {Bytes} bytes @returns {string} RFC 4648 section 5 without padding */
export function base64url(bytes) {
  return base64(bytes).replace(/\+/g, "-").replace(/\//g, "_").replace(/=/g, "");
}

/** @param {string} text base64url without padding @returns {Bytes | null} */
export function fromBase64url(text) {
  if (!/^[A-Za-z0-9_-]*$/.test(text)) return null;
  const padded = text.replace(/-/g, "+").replace(/_/g, "/") + "=".repeat((4 - (text.length % 4)) % 4);
  return fromBase64(padded);
}

/** @param {string} text @returns {Bytes} */
export function utf8(text) {
  return ENCODER.encode(text);
}

/** @param {Bytes} bytes @returns {string | null} null where they are not UTF-8; a BOM is kept */
export function fromUtf8(bytes) {
  try {
    return STRICT_UTF8.decode(bytes);
  } catch {
    return null;
  }
}

/** @param {Bytes[]} parts @returns {Bytes} */
export function concat(...parts) {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** @param {Bytes} one @param {Bytes} other @returns {boolean} */
export function sameBytes(one, other) {
  return one.length === other.length && one.every((byte, i) => byte === other[i]);
}

/** @param {Bytes} bytes @returns {DataView<ArrayBuffer>} a view of exactly these bytes */
export function view(bytes) {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** @param {number} value below 2^32 @returns {Bytes} big-endian */
export function u32(value) {
  const bytes = new Uint8Array(4);
  view(bytes).setUint32(0, value);
  return bytes;
}

/** @param {bigint} value below 2^64 @returns {Bytes} big-endian */
export function u64(value) {
  const bytes = new Uint8Array(8);
  view(bytes).setBigUint64(0, value);
  return bytes;
}
