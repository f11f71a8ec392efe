/**
 * Before anything is checked: known answers, and planted faults that must be found.
 *
 * @typedef {import("./bytes.js").Bytes} Bytes
 */
import { missing, verifyEd25519 } from "./algorithms.js";
import { fromHex, hex, utf8 } from "./bytes.js";
import { CanonicalError, parseCanonical } from "./canonical.js";
import { Tree, leafHash, nodeHash, verifyConsistency, verifyInclusion } from "./merkle.js";
import { Sha256, crc32, sha256 } from "./sha256.js";

const EMPTY_DIGEST = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
const ABC_DIGEST = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
// RFC 8032 section 7.1, test 2.
const KEY = "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c";
const SIGNATURE = "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00";
const REFUSED = ['{"a":1.0}', '{"a":-0}', '{"a":1,"a":1}', '{"b":1,"a":2}', '{"a":9007199254740992}', '{"a": 1}', '{"a":"\\ud800"}', "[1]", '{"a":1}\n'];

/** @returns {Generator<boolean>} */
function* digests() {
  yield hex(sha256()) === EMPTY_DIGEST;
  yield hex(sha256(utf8("abc"))) === ABC_DIGEST;
  yield hex(new Sha256().update(utf8("a")).update(utf8("bc")).digest()) === ABC_DIGEST;
  yield crc32(utf8("123456789")) === 0xcbf43926;
}

/** @returns {Promise<boolean>} ours and the browser's SHA-256 agree */
async function sameAsBrowser() {
  if (!globalThis.crypto?.subtle) return true;
  for (const length of [55, 56, 63, 64, 65, 106, 1000]) {
    const bytes = new Uint8Array(length).map((_, i) => (i * 131) % 251);
    const theirs = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
    if (hex(sha256(bytes)) !== hex(theirs)) return false;
  }
  return true;
}

/** @param {string} text @returns {boolean} */
function isRefused(text) {
  try {
    parseCanonical(utf8(text));
    return false;
  } catch (error) {
    return error instanceof CanonicalError;
  }
}

/** @returns {Generator<{good: boolean, fault: boolean}>} a proof that holds, and the same with a fault that must be found */
function* proofs() {
  const leaves = [0, 1, 2].map((value) => leafHash(new Uint8Array([value])));
  const [a, b, c] = /** @type {[Bytes, Bytes, Bytes]} */ (leaves);
  const root = nodeHash(nodeHash(a, b), c);
  const tree = new Tree();
  for (const leaf of leaves) tree.push(leaf);
  yield { good: hex(tree.root() ?? c) === hex(root), fault: verifyInclusion(0, 3, b, [b, c], root) };
  yield { good: verifyInclusion(0, 3, a, [b, c], root), fault: verifyInclusion(1, 3, a, [b, c], root) };
  yield { good: verifyInclusion(2, 3, c, [nodeHash(a, b)], root), fault: verifyInclusion(3, 3, c, [nodeHash(a, b)], root) };
  yield { good: verifyConsistency(2, 3, nodeHash(a, b), root, [c]), fault: verifyConsistency(2, 3, nodeHash(b, a), root, [c]) };
  yield { good: verifyConsistency(3, 3, root, root, []), fault: verifyConsistency(0, 3, root, root, []) };
}

/**
 * @returns {Promise<{good: boolean, answers: number, faults: number}>} how many known answers came
 *   out and how many planted faults were found; good only where all were
 */
export async function selfTest() {
  const answers = [...digests(), await sameAsBrowser(), !isRefused('{"a":{"b":[true,null,-1]}}')];
  const faults = REFUSED.map(isRefused);
  for (const { good, fault } of proofs()) {
    answers.push(good);
    faults.push(!fault);
  }
  const key = fromHex(KEY) ?? new Uint8Array(0);
  const signature = fromHex(SIGNATURE) ?? new Uint8Array(0);
  answers.push(await verifyEd25519(key, signature, utf8("r")));
  const changed = signature.slice();
  changed[40] = (changed[40] ?? 0) ^ 1;
  if (!missing.has("Ed25519")) faults.push(!(await verifyEd25519(key, changed, utf8("r"))));
  return { good: [...answers, ...faults].every(Boolean), answers: answers.length, faults: faults.length };
}
