/**
 * The door of the verifier: one file and what the user trusts in, verdicts and findings out.
 *
 * @typedef {import("./given.js").GivenTexts} GivenTexts
 * @typedef {import("./run.js").Progress} Progress
 * @typedef {import("./verdicts.js").Result} Result
 * @typedef {import("./verdicts.js").BundleOutcome} BundleOutcome
 * @typedef {{result: Result, exit: 0 | 1 | 3, outcome: BundleOutcome | null, counts: {[name: string]: number}}} Verification
 */
import { missing } from "./algorithms.js";
import { checkBundle } from "./bundle.js";
import { UsageError, readGiven } from "./given.js";
import { Run } from "./run.js";
import { SINGLE_LIMIT, checkSingle } from "./singles.js";
import { bundleResult, exitOf } from "./verdicts.js";

/** @param {Blob} blob @returns {Promise<boolean>} whether it is meant to be a zip archive */
async function isArchive(blob) {
  const head = new Uint8Array(await blob.slice(0, 2).arrayBuffer());
  const end = new Uint8Array(await blob.slice(-22).arrayBuffer());
  const marked = (/** @type {Uint8Array} */ bytes) => bytes[0] === 0x50 && bytes[1] === 0x4b;
  return marked(head) || marked(end);
}

/**
 * Check a bundle, a receipt or a proof. Nothing is sent anywhere.
 *
 * @param {Blob} blob
 * @param {GivenTexts} [texts] what the user trusts and keeps, as text
 * @param {{onProgress?: (progress: Progress) => void, signal?: AbortSignal}} [options]
 * @returns {Promise<Verification>} `result` is the JSON form, `exit` what verify.py would exit with
 * @throws {UsageError} where the file or what was given is none of what it could be (exit 2)
 * @throws {import("./run.js").Stopped} where `signal` asked for it
 */
export async function verifyFile(blob, texts = {}, options = {}) {
  const given = readGiven(texts);
  const run = new Run(options.onProgress, options.signal);
  missing.clear();
  if (await isArchive(blob)) {
    const outcome = await checkBundle(run, blob, given);
    const result = bundleResult(outcome, run.seconds);
    return { result, exit: exitOf(result), outcome, counts: run.progress.counts };
  }
  const result = blob.size > SINGLE_LIMIT ? null : await checkSingle(new Uint8Array(await blob.arrayBuffer()), given, () => run.seconds);
  if (!result) throw new UsageError("This file is no bundle, receipt or proof of a ledger.");
  return { result, exit: exitOf(result), outcome: null, counts: run.progress.counts };
}
