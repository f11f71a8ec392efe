/** The golden vectors of the format, and bundles edited from them. */
import { readFileSync } from "node:fs";
import { crc32 } from "@parts/sha256.js";
import { Source, directoryEnd, directoryRecord, localHeader, readDirectory } from "@parts/zip.js";
import { concat } from "@parts/bytes.js";

const FOLDER = new URL("../../tests/data/ledger/", import.meta.url);

/** @typedef {import("@parts/bytes.js").Bytes} Bytes */

/** @param {string} name @returns {Bytes} */
export function bytesOf(name) {
  return new Uint8Array(readFileSync(new URL(name, FOLDER)));
}

/** @param {string} name @returns {string} */
export function textOf(name) {
  return readFileSync(new URL(name, FOLDER), "utf8");
}

/** @param {string} name @returns {any} */
export function jsonOf(name) {
  return JSON.parse(textOf(name));
}

/** @param {string} text @returns {Bytes} */
export function fromHexText(text) {
  return new Uint8Array(Buffer.from(text, "hex"));
}

export const ORG_KEY = jsonOf("keys.json").keys[0].vkey_org;

const NAMES = /** @type {{[argument: string]: string}} */ ({ "--key": "keys", "--checkpoint": "checkpoints", "--receipt": "receipts", "--witness": "witnesses", "--tsa": "tsa" });

/** @param {string[]} args of verify.py @returns {import("@parts/given.js").GivenTexts} */
export function givenBy(args) {
  const given = /** @type {{[name: string]: string[]}} */ ({});
  for (let i = 0; i < args.length; i += 2) {
    const name = NAMES[args[i] ?? ""] ?? "";
    const value = args[i + 1] ?? "";
    (given[name] ??= []).push(name === "keys" || name === "witnesses" ? value : textOf(value));
  }
  return given;
}

/** @param {string} name @returns {Promise<Map<string, Bytes>>} the members of a bundle */
export async function membersOf(name) {
  const source = new Source(new Blob([bytesOf(name)]));
  const { members } = await readDirectory(source);
  const found = new Map();
  for (const { path, start, size } of members) found.set(path, await source.bytes(start, size));
  return found;
}

/** @param {Map<string, Bytes>} files in their order @returns {Bytes} the one archive that holds them */
export function zipped(files) {
  const members = [];
  const parts = [];
  let offset = 0;
  for (const [path, content] of files) {
    const member = { path, crc: crc32(content), size: content.length, offset, start: 0 };
    const header = localHeader(member);
    members.push(member);
    parts.push(header, content);
    offset += header.length + content.length;
  }
  const records = concat(...members.map(directoryRecord));
  return concat(...parts, records, directoryEnd(members.length, records.length, offset));
}
