/**
 * Entries, chain, times and tiles of one stream (formats.md: Stream, leaf, hash, tree; L201-L206).
 *
 * @typedef {import("./bytes.js").Bytes} Bytes
 * @typedef {import("./archive.js").Archive} Archive
 * @typedef {import("./run.js").Run} Run
 * @typedef {import("./stream_state.js").StreamState} StreamState
 * @typedef {import("./stream_state.js").Leaf} Leaf
 * @typedef {(leaves: Leaf[]) => Promise<void>} Visit  called once an entry bundle
 */
import { sameBytes, utf8, view } from "./bytes.js";
import { HASH_BYTES, Tree, leafHash } from "./merkle.js";
import { TILE, tileAt, tilesOf } from "./places.js";
import { sha256 } from "./sha256.js";

const MARK = utf8("ledger/v1\n");
export const LEAF_BYTES = 106;
const FRAME = LEAF_BYTES + 2;

/** @param {Bytes} originId @returns {Bytes} prev of entry 0 */
export function genesis(originId) {
  return sha256(new Uint8Array([0]), MARK, originId);
}

/**
 * @param {Bytes} bytes 106
 * @returns {{marked: boolean, originId: Bytes, seq: bigint, sealed: bigint, prev: Bytes, commitment: Bytes}}
 */
export function readLeaf(bytes) {
  const fields = view(bytes);
  return {
    marked: sameBytes(bytes.subarray(0, 10), MARK),
    originId: bytes.subarray(10, 26),
    seq: fields.getBigUint64(26),
    sealed: fields.getBigUint64(34),
    prev: bytes.subarray(42, 74),
    commitment: bytes.subarray(74, LEAF_BYTES),
  };
}

/** Compares computed hashes with the tiles of the bundle, which are read as they are needed. */
class TileCheck {
  /** @param {Archive} archive @param {StreamState} state */
  constructor(archive, state) {
    this.archive = archive;
    this.state = state;
    /** @type {Map<number, {hashes: Bytes[], first: number}>} computed and not compared, by level */
    this.levels = new Map();
    this.source = archive.reader();
  }

  /** @param {number} level @param {number} index @param {Bytes} hash */
  push(level, index, hash) {
    const held = this.levels.get(level);
    if (held) held.hashes.push(hash);
    else this.levels.set(level, { hashes: [hash], first: index });
  }

  /** @param {boolean} all also tiles that are not full yet @returns {Promise<void>} */
  async compare(all) {
    for (const [level, { hashes, first }] of this.levels) {
      if (!all && hashes.length < TILE) continue;
      this.levels.delete(level);
      await this.compareOne(level, first, hashes);
    }
  }

  /** @param {number} level @param {number} first @param {Bytes[]} hashes */
  async compareOne(level, first, hashes) {
    const { row, folder, findings } = this.state;
    const leavesEach = TILE ** level;
    const tile = tileAt(`${folder}/tile/${level}`, Math.floor(row.size / leavesEach), first);
    const found = await this.archive.read(tile.path, (TILE + 1) * HASH_BYTES, this.source);
    const differs = hashes.findIndex((hash, i) => !found || !sameBytes(hash, found.subarray(HASH_BYTES * i, HASH_BYTES * (i + 1))));
    if (differs >= 0) {
      const what = found ? "has another hash than its entries give" : "is missing";
      findings.add("L206", `The hash tile ${tile.path} ${what}.`, (first + differs) * leavesEach);
    } else if (/** @type {Bytes} */ (found).length !== tile.width * HASH_BYTES && hashes.length === tile.width) {
      findings.add("L206", `The hash tile ${tile.path} has another length.`, first * leavesEach);
    }
  }
}

/** The chain of one stream: each leaf against the one before it. */
class Chain {
  /** @param {StreamState} state */
  constructor(state) {
    this.state = state;
    this.prev = genesis(state.originId);
    this.sealed = 0n;
    this.order = 0n;
  }

  /** @param {Bytes} framed 108 bytes @returns {Leaf} as found, its faults told */
  next(framed) {
    const { findings, originId, size: index } = this.state;
    const bytes = framed.subarray(2);
    const leaf = readLeaf(bytes);
    const formed = view(framed).getUint16(0) === LEAF_BYTES && leaf.marked && sameBytes(leaf.originId, originId);
    if (!formed) findings.add("L201", "The leaf has another form or is of another stream.", index);
    if (leaf.seq !== BigInt(index)) findings.add("L202", `The leaf says that it is entry ${leaf.seq}.`, index);
    if (!sameBytes(leaf.prev, this.prev)) findings.add("L203", "It does not follow the entry before it.", index);
    if (leaf.sealed < this.sealed || leaf.sealed >= 1n << 63n) findings.add("L204", "Its time goes back, or is none.", index);
    this.sealed = leaf.sealed;
    this.prev = leafHash(bytes);
    if (leaf.sealed > this.order) this.order = leaf.sealed;
    return { seq: index, sealed: leaf.sealed, order: this.order, hash: this.prev, prev: leaf.prev, commitment: leaf.commitment };
  }
}

/**
 * Walk through the entries of a stream, up to the first gap.
 *
 * @param {Run} run
 * @param {Archive} archive
 * @param {StreamState} state filled
 * @param {Visit} visit
 */
export async function walkEntries(run, archive, state, visit) {
  const tiles = new TileCheck(archive, state);
  const tree = new Tree((level, index, hash) => tiles.push(level, index, hash));
  const chain = new Chain(state);
  const source = archive.reader();
  for (const tile of tilesOf(`${state.folder}/tile/entries`, state.row.size)) {
    const bytes = (await archive.read(tile.path, TILE * FRAME + 1, source)) ?? new Uint8Array(0);
    const leaves = [];
    for (let at = 0; at + FRAME <= Math.min(bytes.length, tile.width * FRAME); at += FRAME) {
      leaves.push(grown(state, tree, chain.next(bytes.subarray(at, at + FRAME))));
    }
    await tiles.compare(false);
    await visit(leaves);
    run.progress.entries += leaves.length;
    await run.pause();
    const complete = leaves.length === tile.width;
    if (bytes.length !== leaves.length * FRAME) state.findings.add("L201", `${tile.path} does not end with an entry.`, Math.min(state.size, state.row.size - 1));
    if (!complete) break;
  }
  await tiles.compare(true);
  state.root = tree.root();
  if (state.size < state.row.size) {
    state.findings.add("L205", `${state.row.size - state.size} of ${state.row.size} entries are not there.`, state.size);
  }
}

/** @param {StreamState} state @param {Tree} tree @param {Leaf} leaf @returns {Leaf} */
function grown(state, tree, leaf) {
  tree.push(leaf.hash);
  state.size = tree.size;
  if (state.roots.has(tree.size)) state.roots.set(tree.size, tree.root());
  if (state.leaves.has(leaf.seq)) state.leaves.set(leaf.seq, leaf);
  return leaf;
}
