/**
 * manifest.json: what a bundle says it holds (formats.md: Bundle). L103 is any other form.
 *
 * @typedef {import("./bytes.js").Bytes} Bytes
 * @typedef {import("./canonical.js").Json} Json
 * @typedef {import("./canonical.js").JsonObject} JsonObject
 * @typedef {{kind: string, origin: string, path: string, size: number}} AnchorRow
 * @typedef {{included: boolean, reason: string, sha256: string, size: number}} BlobRow
 * @typedef {{path: string, sha256: string, size: number}} FileRow
 * @typedef {{origin: string, id: string, included: boolean, root: Bytes, size: number, checkpoints: number[], reason: string}} StreamRow
 * @typedef {{commitment: string, origin: string, reason: string, seq: number}} WithheldRow
 * @typedef {{anchors: AnchorRow[], blobs: BlobRow[], created: string, files: FileRow[], generator: string, org: string, scope: string, streams: StreamRow[], withheld: WithheldRow[]}} Manifest
 */
import { fromHex, hex, utf8 } from "./bytes.js";
import { CanonicalError, parseCanonical } from "./canonical.js";
import { hasExactly, isCount, isDigest, isOrigin, isText, microseconds } from "./forms.js";
import { sha256 } from "./sha256.js";
import { isSafePath } from "./zip.js";

const MANIFEST_LIMIT = 64 * 1024 * 1024;
const FIELDS = ["anchors", "blobs", "created_at", "files", "generator", "org", "schema", "scope", "streams", "withheld"];

/** @param {string} origin @returns {string} hex of SHA256(origin)[:16] */
export function originId(origin) {
  return hex(sha256(utf8(origin)).subarray(0, 16));
}

/** @param {string} org @returns {string} what all origins of its site begin with */
export function sitePrefix(org) {
  return org.slice(0, org.lastIndexOf("/") + 1);
}

/**
 * @param {Bytes} bytes
 * @returns {{manifest: Manifest | null, faults: string[]}} null where it cannot be followed
 */
export function readManifest(bytes) {
  /** @type {JsonObject} */
  let json;
  try {
    json = parseCanonical(bytes, MANIFEST_LIMIT);
  } catch (error) {
    if (!(error instanceof CanonicalError)) throw error;
    return { manifest: null, faults: [error.message] };
  }
  const faults = /** @type {string[]} */ ([]);
  const manifest = followed(json, faults);
  if (manifest) faults.push(...disorder(manifest));
  return { manifest, faults };
}

/** @param {JsonObject} json @param {string[]} faults filled @returns {Manifest | null} */
function followed(json, faults) {
  const { generator, org, scope, created_at: created } = json;
  if (!hasExactly(json, FIELDS) || json["schema"] !== "ledger.bundle/1") faults.push("its fields are not those of a bundle");
  if (!hasExactly(generator, ["name", "version"]) || !Object.values(generator).every(isText)) faults.push("generator has another form");
  if (!hasExactly(scope, ["kind", "project"]) || !isText(scope["kind"]) || !isTextOrNull(scope["project"])) faults.push("scope has another form");
  if (!isOrigin(org)) faults.push("org is no origin");
  if (microseconds(created) === null) faults.push("created_at is no time");
  const rows = {
    anchors: rowsOf(json["anchors"], anchorRow, "anchors", faults),
    blobs: rowsOf(json["blobs"], blobRow, "blobs", faults),
    files: rowsOf(json["files"], fileRow, "files", faults),
    streams: rowsOf(json["streams"], streamRow, "streams", faults),
    withheld: rowsOf(json["withheld"], withheldRow, "withheld", faults),
  };
  if (faults.length || !isText(org) || !isText(created)) return null;
  return { ...rows, org, created, generator: words(generator, ["name", "version"]), scope: words(scope, ["kind", "project"]) };
}

/** @param {Json | undefined} value @returns {boolean} */
function isTextOrNull(value) {
  return value === null || isText(value);
}

/** @param {Json | undefined} value @param {string[]} names @returns {string} for people */
function words(value, names) {
  const source = /** @type {JsonObject} */ (value);
  return names.map((name) => source[name]).filter(isText).join(" ");
}

/**
 * @template Row
 * @param {Json | undefined} value
 * @param {(row: Json) => Row | null} read
 * @param {string} name
 * @param {string[]} faults
 * @returns {Row[]}
 */
function rowsOf(value, read, name, faults) {
  const rows = Array.isArray(value) ? value.map(read) : [null];
  if (rows.includes(null)) faults.push(`${name} has a row of another form`);
  return /** @type {Row[]} */ (rows);
}

/** @param {Json} row @returns {AnchorRow | null} */
function anchorRow(row) {
  if (!hasExactly(row, ["kind", "origin", "path", "size"])) return null;
  const { kind, origin, path, size } = row;
  return isText(kind) && isOrigin(origin) && isText(path) && isCount(size) && size > 0 ? { kind, origin, path, size } : null;
}

/** @param {Json} row @returns {BlobRow | null} */
function blobRow(row) {
  const included = hasExactly(row, ["included", "sha256", "size"]);
  if (!included && !hasExactly(row, ["included", "reason", "sha256", "size"])) return null;
  const { sha256: digest, size, reason = "" } = row;
  const fits = row["included"] === included && isDigest(digest) && isCount(size) && isText(reason);
  return fits ? { included, reason, sha256: digest, size } : null;
}

/** @param {Json} row @returns {FileRow | null} */
function fileRow(row) {
  if (!hasExactly(row, ["path", "sha256", "size"])) return null;
  const { path, sha256: digest, size } = row;
  return isText(path) && isDigest(digest) && isCount(size) ? { path, sha256: digest, size } : null;
}

/** @param {Json} row @returns {StreamRow | null} */
function streamRow(row) {
  const included = hasExactly(row, ["checkpoints", "id", "included", "origin", "root", "size"]);
  if (!included && !hasExactly(row, ["id", "included", "origin", "reason", "root", "size"])) return null;
  const { id, origin, root, size, reason = "", checkpoints = [] } = row;
  const sizes = Array.isArray(checkpoints) ? checkpoints : [null];
  if (row["included"] !== included || !isText(id) || !isOrigin(origin) || !isDigest(root)) return null;
  if (!isCount(size) || size < 1 || !isText(reason) || !sizes.every(isCount)) return null;
  const bytes = fromHex(root) ?? new Uint8Array(0);
  return { origin, id, included, root: bytes, size, checkpoints: sizes, reason };
}

/** @param {Json} row @returns {WithheldRow | null} */
function withheldRow(row) {
  if (!hasExactly(row, ["commitment", "origin", "reason", "seq"])) return null;
  const { commitment, origin, reason, seq } = row;
  return isDigest(commitment) && isOrigin(origin) && isText(reason) && isCount(seq) ? { commitment, origin, reason, seq } : null;
}

/** @param {Manifest} manifest @returns {string[]} rows that contradict each other or their order */
function disorder(manifest) {
  const faults = [];
  const { files, streams, org } = manifest;
  if (!ascending(files.map((row) => row.path))) faults.push("files are not sorted by path, each once");
  if (!files.every((row) => isSafePath(row.path))) faults.push("files have an unsafe path");
  if (!ascending(streams.map((row) => row.origin))) faults.push("streams are not sorted by origin, each once");
  for (const row of streams) {
    if (row.id !== originId(row.origin)) faults.push(`the id of ${row.origin} is not that of its origin`);
    if (!row.origin.startsWith(sitePrefix(org))) faults.push(`${row.origin} is of another site`);
    const sizes = row.checkpoints;
    if (row.included && (!sizes.length || sizes[0] === 0 || !ascending(sizes))) faults.push(`the checkpoints of ${row.origin} are not in order`);
  }
  if (!distinct(manifest.blobs.map((row) => row.sha256))) faults.push("a blob is listed twice");
  if (!distinct(manifest.anchors.map((row) => row.path))) faults.push("an anchor is listed twice");
  if (!distinct(manifest.withheld.map((row) => `${row.origin} ${row.seq}`))) faults.push("a withheld entry is listed twice");
  const included = new Set(streams.filter((row) => row.included).map((row) => row.origin));
  if (!manifest.withheld.every((row) => included.has(row.origin))) faults.push("a withheld entry is in no included stream");
  return faults;
}

/** @param {(string | number)[]} values @returns {boolean} strictly */
function ascending(values) {
  return values.every((value, i) => i === 0 || value > /** @type {string | number} */ (values[i - 1]));
}

/** @param {string[]} values @returns {boolean} */
function distinct(values) {
  return new Set(values).size === values.length;
}
