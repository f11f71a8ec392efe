/**
 * The forms that names, times and digests have in ledger/v1 (formats.md: Event, Stream).
 *
 * @typedef {import("./canonical.js").Json} Json
 * @typedef {import("./canonical.js").JsonObject} JsonObject
 */

const REFERENCE = /^[a-z][a-z0-9_.]*:[!-~]{1,255}$/;
const EVENT_NAME = /^[a-z][a-z0-9_]*(?:\.[a-z][a-z0-9_]*)+$/;
const TIME = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)\.(\d{6})Z$/;
const ORIGIN = /^[a-z0-9][a-z0-9._-]*(?:\/[a-z0-9][a-z0-9._-]*)+$/;
const REQUIRED = ["actor", "at", "event", "origin", "payload", "schema", "subject"];

/** @param {unknown} value @returns {value is string} */
export function isText(value) {
  return typeof value === "string";
}

/** @param {unknown} value @returns {value is number} a count: an integer from 0 */
export function isCount(value) {
  return typeof value === "number" && value >= 0;
}

/** @param {unknown} value @returns {value is string} a SHA-256 in lower-case hex */
export function isDigest(value) {
  return isText(value) && /^[0-9a-f]{64}$/.test(value);
}

/** @param {unknown} value @returns {value is string} */
export function isReference(value) {
  return isText(value) && REFERENCE.test(value);
}

/** @param {unknown} value @returns {value is string} */
export function isOrigin(value) {
  return isText(value) && value.length <= 128 && ORIGIN.test(value);
}

/** @param {Json | undefined} value @returns {value is JsonObject} */
export function isObject(value) {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/**
 * @param {Json | undefined} value
 * @param {string[]} names every key, no other
 * @returns {value is JsonObject}
 */
export function hasExactly(value, names) {
  return isObject(value) && Object.keys(value).length === names.length && names.every((name) => name in value);
}

/**
 * @param {unknown} value YYYY-MM-DDThh:mm:ss.ffffffZ
 * @returns {bigint | null} microseconds since 1970; null where there is no such time
 */
export function microseconds(value) {
  const found = isText(value) ? TIME.exec(value) : null;
  if (!found) return null;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0, micro = 0] = found.slice(1).map(Number);
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  date.setUTCHours(hour, minute, second);
  if (year === 0 || `${date.toISOString().slice(0, 19)}` !== found[0].slice(0, 19)) return null;
  return BigInt(date.getTime()) * 1000n + BigInt(micro);
}

/**
 * @param {JsonObject} body
 * @returns {string | null} what is wrong with the envelope of an event; null: nothing
 */
export function envelopeFault(body) {
  const { clock = {}, reason, role, ...rest } = body;
  if (!hasExactly(rest, REQUIRED) || body["schema"] !== "ledger.event/1") return "its fields are not those of an event";
  if (!isText(body["event"]) || !EVENT_NAME.test(body["event"])) return "its event name has another form";
  if (!isReference(body["actor"]) || !isReference(body["subject"])) return "its actor or subject has another form";
  if (microseconds(body["at"]) === null) return "its time has another form";
  if (!isObject(body["payload"]) || !isObject(clock)) return "its payload or clock is no object";
  if (![reason, role].every((value) => value === undefined || isText(value))) return "its reason or role is no text";
  return originFault(body["origin"]);
}

/** @param {Json | undefined} origin @returns {string | null} */
function originFault(origin) {
  if (!hasExactly(origin, ["device", "network", "session"])) return "its origin has other fields";
  if (!Object.values(origin).every((value) => value === null || isText(value))) return "its origin holds no text";
  const network = origin["network"];
  return network === null || isDigest(network) ? null : "its network digest has another form";
}
