/**
 * Where the files of a bundle have their place (formats.md: Bundle; C2SP tlog-tiles for streams).
 *
 * @typedef {import("./manifest.js").Manifest} Manifest
 * @typedef {{path: string, width: number, first: number}} Tile  first: index of its first hash
 */

export const TILE = 256;
const SINGLE = new Set(["manifest.json", "manifest.note", "keys.json", "verify.py", "verify.html"]);

/** @param {number} index of a tile @returns {string} C2SP: x001/x234/067 */
export function tileName(index) {
  let name = String(index % 1000).padStart(3, "0");
  for (let rest = Math.floor(index / 1000); rest > 0; rest = Math.floor(rest / 1000)) {
    name = `x${String(rest % 1000).padStart(3, "0")}/${name}`;
  }
  return name;
}

/**
 * @param {string} base folder of the tiles
 * @param {number} count of the hashes or entries at this level
 * @param {number} first index of the first one in the tile
 * @returns {Tile}
 */
export function tileAt(base, count, first) {
  const width = Math.min(TILE, count - first);
  const name = `${base}/${tileName(first / TILE)}`;
  return { path: width < TILE ? `${name}.p/${width}` : name, width, first };
}

/**
 * @param {string} base
 * @param {number} count
 * @yields {Tile} the full ones, then the partial one
 * @returns {Generator<Tile, void>}
 */
export function* tilesOf(base, count) {
  for (let first = 0; first < count; first += TILE) yield tileAt(base, count, first);
}

/**
 * @param {string} folder of the stream
 * @param {number} size
 * @yields {Tile & {level: number}} every hash tile of a tree of that size
 * @returns {Generator<Tile & {level: number}, void>}
 */
export function* hashTiles(folder, size) {
  let count = size;
  for (let level = 0; count > 0; level++, count = Math.floor(count / TILE)) {
    for (const tile of tilesOf(`${folder}/tile/${level}`, count)) yield { ...tile, level };
  }
}

/** @param {string} id hex of the origin's id @returns {string} */
export function folderOf(id) {
  return `streams/${id}`;
}

/**
 * @param {Manifest} manifest
 * @param {number} epochs of keys
 * @returns {(path: string) => boolean} whether a path has a place in this bundle
 */
export function placesIn(manifest, epochs) {
  const places = new Set(SINGLE);
  for (let epoch = 1; epoch < epochs; epoch++) places.add(`keys/${epoch}.note`);
  for (const blob of manifest.blobs) if (blob.included) places.add(`blobs/${blob.sha256}`);
  for (const anchor of manifest.anchors) if (anchor.path.startsWith("anchors/")) places.add(anchor.path);
  for (const row of manifest.streams) {
    if (!row.included) continue;
    const folder = folderOf(row.id);
    const newest = Math.max(...row.checkpoints.slice(-1));
    places.add(`${folder}/checkpoint`);
    for (const size of row.checkpoints) if (size !== newest) places.add(`${folder}/checkpoints/${size}`);
    for (const tile of hashTiles(folder, row.size)) places.add(tile.path);
    for (const tile of tilesOf(`${folder}/tile/entries`, row.size)) places.add(tile.path);
    for (const tile of tilesOf(`${folder}/bodies`, row.size)) places.add(tile.path);
  }
  return (path) => places.has(path) || path.startsWith("human/");
}
