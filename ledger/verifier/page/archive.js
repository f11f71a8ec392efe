/**
 * The members of a bundle by name, each digested once (formats.md: Verifier, step 1).
 *
 * @typedef {import("./bytes.js").Bytes} Bytes
 * @typedef {import("./zip.js").Member} Member
 * @typedef {import("./report.js").Findings} Findings
 * @typedef {import("./run.js").Run} Run
 * @typedef {import("./manifest.js").Manifest} Manifest
 * @typedef {{sha256: string, size: number}} Digest
 */
import { hex, sameBytes } from "./bytes.js";
import { crc32, Sha256 } from "./sha256.js";
import { Source, isSafePath, localHeader, readDirectory, shown } from "./zip.js";

const WHOLE = 16 * 1024 * 1024;
const PIECE = 4 * 1024 * 1024;

export class Archive {
  /** @param {Blob} blob @param {Member[]} members */
  constructor(blob, members) {
    this.blob = blob;
    this.members = members;
    /** @type {Map<string, Member>} */
    this.byPath = new Map();
    for (const member of members) if (!this.byPath.has(member.path)) this.byPath.set(member.path, member);
    /** @type {Map<string, Digest>} */
    this.digests = new Map();
    this.source = new Source(blob);
  }

  /** @returns {Source} with a window of its own, for files read in their order */
  reader() {
    return new Source(this.blob);
  }

  /**
   * @param {string} path
   * @param {number} limit bytes wanted at most
   * @param {Source} [source]
   * @returns {Promise<Bytes | null>} null where there is no such member
   */
  async read(path, limit, source = this.source) {
    const member = this.byPath.get(path);
    return member ? source.bytes(member.start, Math.min(member.size, limit)) : null;
  }
}

/**
 * Open the archive and say what is wrong with its form and names (L101, L102).
 *
 * @param {Blob} blob
 * @param {Findings} findings
 * @returns {Promise<Archive>}
 * @throws {import("./zip.js").ArchiveError}
 */
export async function openArchive(blob, findings) {
  const { members, faults } = await readDirectory(new Source(blob));
  for (const fault of faults) findings.add("L101", `In the archive, ${fault}.`);
  const seen = new Set();
  for (const { path } of members) {
    const folded = path.toLowerCase();
    if (!isSafePath(path)) findings.add("L102", `The name ${shown(path)} is not safe.`);
    if (seen.has(folded)) findings.add("L102", `The name ${shown(path)} comes twice.`);
    seen.add(folded);
  }
  return new Archive(blob, members);
}

/**
 * Digest every member, and check its header and checksum.
 *
 * @param {Run} run
 * @param {Archive} archive
 * @param {Findings} findings
 */
export async function digestAll(run, archive, findings) {
  run.begin("files", archive.members.length);
  for (const member of archive.members) {
    const header = localHeader(member);
    if (!sameBytes(await archive.source.bytes(member.offset, header.length), header)) {
      findings.add("L101", `In the archive, the header of ${shown(member.path)} has another form.`);
    }
    const { sha256: digest, crc, size } = await digestOf(run, archive.source, member);
    if (crc !== member.crc) findings.add("L101", `In the archive, the checksum of ${shown(member.path)} is wrong.`);
    if (!archive.digests.has(member.path)) archive.digests.set(member.path, { sha256: digest, size });
    await run.step();
  }
}

/**
 * @param {Run} run
 * @param {Source} source
 * @param {{start: number, size: number}} where
 * @returns {Promise<{sha256: string, crc: number, size: number}>}
 */
async function digestOf(run, source, { start, size }) {
  if (size <= WHOLE && globalThis.crypto?.subtle) {
    const bytes = await source.bytes(start, size);
    const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
    return { sha256: hex(digest), crc: crc32(bytes), size: bytes.length };
  }
  const { digest, crc, size: read } = await streamed(run, source, start, size);
  return { sha256: digest, crc, size: read };
}

/**
 * SHA-256 and CRC-32 of a part of a file that need not fit into memory.
 *
 * @param {Run} run
 * @param {Source} source
 * @param {number} start
 * @param {number} size
 * @returns {Promise<{digest: string, crc: number, size: number}>}
 */
export async function streamed(run, source, start, size) {
  const digest = new Sha256();
  let crc = 0;
  let read = 0;
  while (read < size) {
    const piece = await source.bytes(start + read, Math.min(PIECE, size - read));
    if (!piece.length) break;
    digest.update(piece);
    crc = crc32(piece, crc);
    read += piece.length;
    await run.pause();
  }
  return { digest: hex(digest.digest()), crc, size: read };
}

/**
 * Compare the members with what the manifest lists (L104, L105, L106).
 *
 * @param {Archive} archive
 * @param {Manifest} manifest
 * @param {(path: string) => boolean} hasPlace
 * @param {Findings} findings
 */
export function compareFiles(archive, manifest, hasPlace, findings) {
  const listed = new Map(manifest.files.map((row) => [row.path, row]));
  for (const row of manifest.files) {
    const found = archive.digests.get(row.path);
    if (!found) findings.add("L105", `${shown(row.path)} is listed and not there.`);
    else if (found.sha256 !== row.sha256 || found.size !== row.size) {
      findings.add("L104", `${shown(row.path)} is not the file that the manifest lists.`);
    }
  }
  for (const path of archive.byPath.keys()) {
    const free = path === "manifest.json" || path === "manifest.note";
    if (free === listed.has(path)) findings.add("L106", `${shown(path)} is ${free ? "listed and must not be" : "not listed in the manifest"}.`);
    else if (!hasPlace(path)) findings.add("L106", `${shown(path)} has no place in a bundle like this.`);
  }
}
