/**
 * What is remembered of one stream while its entries pass by.
 *
 * @typedef {import("./bytes.js").Bytes} Bytes
 * @typedef {import("./canonical.js").JsonObject} JsonObject
 * @typedef {import("./manifest.js").StreamRow} StreamRow
 * @typedef {import("./notes.js").Note} Note
 * @typedef {{seq: number, sealed: bigint, order: bigint, hash: Bytes, prev: Bytes, commitment: Bytes}} Leaf
 *   order: sealed, or what the latest entry before it has where time goes back
 * @typedef {{seq: number, origin: string, size: number, root: string, keyId: string}} Recorded
 * @typedef {{seq: number, payload: JsonObject}} Told  an event whose payload is judged later
 * @typedef {{sealed: bigint, seq: number, at: number, length: number}} SignatureAt  where its body is
 * @typedef {{sealed: bigint, seq: number, subject: string, payload: JsonObject, revoked: boolean}} CredentialEvent
 * @typedef {{size: number, root: Bytes, note: Note, path: string, placed: boolean, good: boolean | null}} Checkpoint
 *   good: signed by the trusted key in force and gives the root; null: signed, by nobody the user named
 */
import { utf8 } from "./bytes.js";
import { Findings } from "./report.js";
import { sha256 } from "./sha256.js";
import { folderOf } from "./places.js";

export class StreamState {
  /** @param {StreamRow} row @param {string} org */
  constructor(row, org) {
    this.row = row;
    this.origin = row.origin;
    this.isOrg = row.origin === org;
    this.folder = folderOf(row.id);
    this.originId = sha256(utf8(row.origin)).slice(0, 16);
    this.findings = new Findings();
    /** entries present */
    this.size = 0;
    /** @type {Bytes | null} over the entries present */
    this.root = null;
    /** @type {Map<number, Bytes | null>} roots wanted, filled while the entries pass */
    this.roots = new Map([[row.size, null]]);
    /** @type {Map<number, Leaf | null>} leaves wanted */
    this.leaves = new Map();
    /** @type {Map<number, string>} blank bodies and their commitments */
    this.blank = new Map();
    /** @type {Map<number, string>} withheld ones */
    this.withheld = new Map();
    /** @type {Told[]} */
    this.erasures = [];
    /** @type {Told[]} */
    this.rotations = [];
    /** @type {Recorded[]} */
    this.records = [];
    /** @type {Map<string, {seq: number, hash: string}[]>} sealed record versions */
    this.versions = new Map();
    /** @type {SignatureAt[]} */
    this.signatures = [];
    /** @type {CredentialEvent[]} */
    this.credentials = [];
    /** @type {Checkpoint[]} by size */
    this.checkpoints = [];
  }

  /** @returns {number} bodies that are erased or withheld; a faulty one is no excuse */
  get hidden() {
    return this.blank.size + this.withheld.size;
  }

  /** @param {number} size whose root will be needed */
  wantRoot(size) {
    if (!this.roots.has(size)) this.roots.set(size, null);
  }

  /** @returns {Checkpoint | null} */
  get newest() {
    return this.checkpoints.find((each) => each.path.endsWith("/checkpoint")) ?? null;
  }
}
