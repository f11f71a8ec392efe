/** A small site whose record can be changed at will, and is sealed, signed and packed again. */
import { createHash, generateKeyPairSync, sign } from "node:crypto";
import { verifyFile } from "@parts/verify.js";
import { ORG, P1, big, bytes, hashOf, headText, hexOf, idOf, inclusion, joined, json, keyIdOf, mth, note, sha, urlOf, vkey, zip } from "./written.js";

/** @typedef {import("./written.js").Bytes} Bytes */
/** @typedef {{at: number, body: string | Bytes, kind: number, salt: Bytes, commitment?: Bytes, leaf: any}} Entry */

export const DIGEST = "ab".repeat(32);
const START = 1_790_000_000_000_000;
const PASSKEY = generateKeyPairSync("ec", { namedCurve: "P-256" });
export const PASSKEY_ID = urlOf(bytes("a passkey"));
export const PASSKEY_PUBLIC = urlOf(PASSKEY.publicKey.export({ format: "der", type: "spki" }));

/** @param {number} micro after the start @returns {string} */
export const timeAt = (micro) => `${new Date((START + micro) / 1000).toISOString().slice(0, 19)}.${String((START + micro) % 1_000_000).padStart(6, "0")}Z`;

/** @param {string} name @param {any} payload @param {any} [more] @returns {string} an event in canonical JSON */
export function event(name, payload, more = {}) {
  const origin = { device: null, network: null, session: null };
  return json({ actor: "accounts.user:1", at: timeAt(0), event: name, origin, payload, schema: "ledger.event/1", subject: "accounts.user:1", ...more });
}

/** @param {string | Bytes} body @param {Partial<Entry>} [more] @returns {Entry} */
export function entry(body, more = {}) {
  return { at: START + 1, body, kind: 1, salt: bytes(new Array(16).fill(7)), leaf: {}, ...more };
}

/** @param {string} message @param {import("node:crypto").KeyObject} [key] @param {any} [client] @returns {any} WebAuthn assertion over the text of a manifest */
export function assertion(message, key = PASSKEY.privateKey, client = {}) {
  const challenge = urlOf(sha(bytes(message)));
  const clientData = bytes(JSON.stringify({ type: "webauthn.get", challenge, origin: "https://example.org", crossOrigin: false, ...client }));
  const authenticator = joined(sha(bytes("example.org")), bytes([1, 0, 0, 0, 9]));
  const signature = sign("sha256", joined(authenticator, sha(clientData)), key);
  return { authenticator_data: urlOf(authenticator), client_data: urlOf(clientData), credential_id: PASSKEY_ID, signature: urlOf(signature) };
}

/** @param {any} [change] @returns {any} a signature manifest over version 1 of record r */
export function manifestOf(change = {}) {
  return {
    expires_at: timeAt(60_000_000), issued_at: timeAt(-60_000_000), items: [{ content_hash: DIGEST, displayed_hash: DIGEST, record_id: "r", version: 1 }], meaning: "review",
    nonce: urlOf(bytes(new Array(32).fill(5))), printed_name: "A B", rp_id: "example.org", schema: "signature.manifest/1", signer: "accounts.user:1", statement: "I did.",
    stream: P1, time_zone: "Europe/Vienna", ...change,
  };
}

/** @param {any} [change] of the manifest @param {any} [payload] of the event @param {any} [more] of the envelope @returns {string} */
export function applied(change = {}, payload = {}, more = {}) {
  const manifest = json(manifestOf(change));
  return event("signature.applied", { components: ["passkey"], manifest, webauthn: assertion(manifest), ...payload }, more);
}

export const sealedVersion = () => event("annotation.created", { content_hash: DIGEST, record_id: "r", version: 1 });
export const enrolled = (/** @type {any} */ change = {}) => event("credential.mfa_enrolled", { alg: -7, credential_id: PASSKEY_ID, kind: "passkey", public_key: PASSKEY_PUBLIC, ...change });

export class Stream {
  /** @param {string} origin @param {Entry[]} entries @param {number[]} sizes */
  constructor(origin, entries, sizes) {
    this.origin = origin;
    this.entries = entries;
    this.sizes = sizes;
    /** @type {{[size: number]: number[]}} who signs at a size; the first key where nothing is said */
    this.signers = {};
    /** @type {any} of the row in the manifest */
    this.told = {};
    this.folder = `streams/${idOf(origin)}`;
  }

  /** @returns {Bytes[]} 106 bytes each */
  leaves() {
    let prev = sha(bytes([0]), bytes("ledger/v1\n"), sha(bytes(this.origin)).slice(0, 16));
    return this.entries.map((each, index) => {
      const body = bytes(each.body);
      const { mark = "ledger/v1\n", id = sha(bytes(this.origin)).slice(0, 16), seq = index, at = each.at, ...other } = each.leaf;
      const leaf = joined(bytes(mark), id, big(seq, 8), big(at, 8), other.prev ?? prev, each.commitment ?? sha(bytes([2]), each.salt, body));
      prev = hashOf(leaf);
      return leaf;
    });
  }

  /** @returns {Bytes[]} */
  hashes() {
    return this.leaves().map(hashOf);
  }

  /** @param {number} [size] @returns {Bytes} */
  root(size = this.entries.length) {
    return mth(this.hashes().slice(0, size));
  }

  /** @param {number} size @returns {string} the note of a checkpoint */
  note(size) {
    return note(this.origin, headText(this.origin, size, this.root(size)), ...(this.signers[size] ?? [0]));
  }

  /** @returns {import("./written.js").Files} for up to 65,535 entries */
  files() {
    const files = /** @type {import("./written.js").Files} */ ({});
    const body = (/** @type {Entry} */ each) => (each.kind === 1 ? joined(bytes([1]), each.salt, big(bytes(each.body).length, 4), bytes(each.body)) : bytes([each.kind]));
    const tiles = (/** @type {string} */ folder, /** @type {Bytes[]} */ records) => {
      for (let at = 0; at < records.length; at += 256) {
        const part = records.slice(at, at + 256);
        files[`${this.folder}/${folder}/${String(at / 256).padStart(3, "0")}${part.length < 256 ? `.p/${part.length}` : ""}`] = joined(...part);
      }
    };
    const hashes = this.hashes();
    tiles("tile/0", hashes);
    tiles("tile/1", Array.from({ length: Math.floor(hashes.length / 256) }, (_, i) => mth(hashes.slice(256 * i, 256 * i + 256))));
    tiles("tile/entries", this.leaves().map((leaf) => joined(bytes([0, 106]), leaf)));
    tiles("bodies", this.entries.map(body));
    for (const size of this.sizes) files[`${this.folder}/${size === this.sizes.at(-1) ? "checkpoint" : `checkpoints/${size}`}`] = bytes(this.note(size));
    return files;
  }

  /** @returns {any} */
  row() {
    return { checkpoints: this.sizes, id: idOf(this.origin), included: true, origin: this.origin, root: hexOf(this.root()), size: this.entries.length, ...this.told };
  }
}

export class World {
  constructor() {
    this.p1 = new Stream(P1, [entry(sealedVersion()), entry(enrolled()), entry(applied()), entry(event("image.viewed", {}))], [2, 4]);
    this.org = new Stream(ORG, [], [1, 2]);
    this.org.entries = [2, 4].map((size) => this.recordOf(size));
    this.streams = [this.org, this.p1];
    this.keys = /** @type {any} */ ({ keys: [{ epoch: 0, rotated_seq: null, vkey: vkey() }], org: ORG, schema: "ledger.keys/1" });
    /** @type {any} changes of the manifest */
    this.manifest = {};
    this.signers = [0];
    /** @type {(files: import("./written.js").Files) => void} changes what the manifest will list */
    this.also = () => {};
    /** @type {(files: [string, Bytes][]) => void} changes what is packed, unlisted */
    this.behind = () => {};
  }

  /** @param {number} size @param {any} [change] @returns {Entry} the organisation's record of a checkpoint of p1 */
  recordOf(size, change = {}) {
    const payload = { key_id: hexOf(keyIdOf(P1, 0)), origin: P1, root: hexOf(this.p1.root(size)), size, ...change };
    return entry(event("ledger.checkpoint_signed", payload));
  }

  /** The organisation records the checkpoints of p1 as they are now. @returns {this} */
  recorded() {
    this.org.entries = [...this.p1.sizes.map((size) => this.recordOf(size)), ...this.org.entries.slice(2)];
    return this;
  }

  /** @returns {Bytes} */
  pack() {
    const files = /** @type {import("./written.js").Files} */ ({ "keys.json": bytes(json(this.keys)), "verify.py": bytes("py"), "verify.html": bytes("html"), "human/index.html": bytes("for people") });
    for (const stream of this.streams) Object.assign(files, stream.files());
    this.also(files);
    const rows = Object.keys(files).sort().map((path) => ({ path, sha256: createHash("sha256").update(files[path] ?? "").digest("hex"), size: files[path]?.length }));
    const streams = this.streams.map((stream) => stream.row());
    const scope = { kind: "project", project: "p1" };
    const manifest = bytes(json({
      anchors: [], blobs: [], created_at: timeAt(0), files: rows, generator: { name: "tests", version: "1" }, org: ORG, schema: "ledger.bundle/1", scope, streams, withheld: [], ...this.manifest,
    }));
    const text = `ledger/v1 bundle\n${ORG}\n${Buffer.from(sha(manifest)).toString("base64")}\n`;
    const members = /** @type {[string, Bytes][]} */ ([["manifest.json", manifest], ["manifest.note", bytes(note(ORG, text, ...this.signers))], ...Object.keys(files).sort().map((path) => [path, files[path]])]);
    this.behind(members);
    return zip(members);
  }

  /** @param {import("@parts/given.js").GivenTexts} [given] @returns {ReturnType<typeof judged>} */
  judged(given = { keys: [vkey()] }) {
    return judged(this.pack(), given);
  }
}

/** @param {World} world @param {number} seq @param {number | null} size of its checkpoint @param {any} [change] @returns {string} the receipt of an entry of p1 */
export function receiptOf(world, seq, size, change = {}) {
  const leaf = world.p1.leaves()[seq] ?? new Uint8Array(106);
  const fields = new DataView(leaf.buffer);
  return json({
    checkpoint: size ? world.p1.note(size) : null, commitment: hexOf(leaf.slice(74)), hash: hexOf(world.p1.hashes()[seq] ?? sha()), origin: P1, prev: hexOf(leaf.slice(42, 74)),
    proof: size ? inclusion(seq, world.p1.hashes().slice(0, size)).map(hexOf) : null, schema: "ledger.receipt/1", sealed_us: Number(fields.getBigUint64(34)), seq, ...change,
  });
}

/** @param {Bytes} file @param {import("@parts/given.js").GivenTexts} [given] */
export async function judged(file, given = { keys: [vkey()] }) {
  const { result, exit, counts, outcome } = await verifyFile(new Blob([file]), given);
  const told = (/** @type {any[]} */ list) => list.map(({ code, seq }) => (seq === null ? code : `${code}@${seq}`)).sort();
  const codes = /** @type {{[origin: string]: string[]}} */ ({});
  for (const { origin, findings } of [{ origin: "", findings: result.bundle?.findings ?? [] }, ...result.streams]) if (findings.length) codes[origin] = told(findings);
  const verdicts = Object.fromEntries(result.streams.map((each) => [each.origin, [each.integrity, each.completeness]]));
  return { codes, verdicts, exit, counts, result, outcome };
}
