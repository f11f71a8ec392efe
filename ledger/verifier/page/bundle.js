/**
 * A whole bundle, from the archive to the verdicts (formats.md: Verifier).
 *
 * @typedef {import("./given.js").Given} Given
 * @typedef {import("./manifest.js").Manifest} Manifest
 * @typedef {import("./run.js").Run} Run
 * @typedef {import("./trust.js").Trust} Trust
 * @typedef {import("./collect.js").BlobState} BlobState
 * @typedef {import("./verdicts.js").BundleOutcome} BundleOutcome
 */
import { Archive, compareFiles, digestAll, openArchive } from "./archive.js";
import { judgeAnchors } from "./anchors.js";
import { compareWithheld, readBodies } from "./bodies.js";
import { judgeBrought, judgeElsewhere, wantBrought } from "./brought.js";
import { base64, fromHex } from "./bytes.js";
import { compareListed, compareRecords, judgeCheckpoints, readCheckpoints } from "./checkpoints.js";
import { collect, judgeErasures } from "./collect.js";
import { walkEntries } from "./entries.js";
import { readManifest } from "./manifest.js";
import { NoteError, parseNote, signersOf } from "./notes.js";
import { placesIn } from "./places.js";
import { Findings } from "./report.js";
import { judgeRotations, readTrust } from "./rotations.js";
import { judgeSignatures } from "./signatures.js";
import { StreamState } from "./stream_state.js";
import { ArchiveError } from "./zip.js";

const MANIFEST_READ = 64 * 1024 * 1024 + 1;
const NOTE_READ = 64 * 1024 + 1;

/**
 * @param {Run} run
 * @param {Blob} blob
 * @param {Given} given
 * @returns {Promise<BundleOutcome>}
 */
export async function checkBundle(run, blob, given) {
  const bundle = new Findings();
  /** @type {BundleOutcome} */
  const outcome = { bundle, manifest: null, states: [], trust: null, given };
  try {
    const archive = await openArchive(blob, bundle);
    await digestAll(run, archive, bundle);
    const manifest = await manifestOf(archive, bundle);
    if (manifest) await checkContent(run, archive, manifest, given, Object.assign(outcome, { manifest }));
  } catch (error) {
    if (!(error instanceof ArchiveError)) throw error;
    bundle.add("L101", `The archive cannot be read: ${error.message}.`);
  }
  return outcome;
}

/** @param {Archive} archive @param {Findings} bundle @returns {Promise<Manifest | null>} */
async function manifestOf(archive, bundle) {
  const bytes = await archive.read("manifest.json", MANIFEST_READ);
  if (!bytes) {
    bundle.add("L108", "manifest.json is missing.");
    return null;
  }
  const { manifest, faults } = readManifest(bytes);
  for (const fault of faults) bundle.add("L103", `In manifest.json, ${fault}.`);
  return manifest;
}

/**
 * @param {Run} run
 * @param {Archive} archive
 * @param {Manifest} manifest
 * @param {Given} given
 * @param {BundleOutcome} outcome filled
 */
async function checkContent(run, archive, manifest, given, outcome) {
  const { bundle } = outcome;
  const { trust, faults } = await readTrust(archive, manifest.org, given.keys, bundle);
  outcome.trust = trust;
  compareFiles(archive, manifest, placesIn(manifest, trust.epochs.length), bundle);
  for (const path of ["verify.py", "verify.html", "human/index.html"]) {
    if (!archive.byPath.has(path)) bundle.add("L108", `${path} is missing.`);
  }
  const included = manifest.streams.filter((row) => row.included);
  outcome.states = included.map((row) => new StreamState(row, manifest.org));
  const org = outcome.states.find((state) => state.isOrg);
  if (!org) bundle.add("L108", "The organisation's stream is missing.");
  for (const fault of faults) (org?.findings ?? bundle).add("L502", fault.message, org ? fault.seq : null);
  await walkAll(run, archive, manifest, outcome, compareBlobs(archive, manifest, bundle));
  await judgeAll(run, archive, manifest, outcome, trust);
}

/**
 * Blobs: those included are what they are named by (L111).
 *
 * @param {Archive} archive
 * @param {Manifest} manifest
 * @param {Findings} bundle
 * @returns {Map<string, BlobState>}
 */
function compareBlobs(archive, manifest, bundle) {
  const states = /** @type {Map<string, BlobState>} */ (new Map());
  for (const row of manifest.blobs) {
    const found = archive.digests.get(`blobs/${row.sha256}`);
    const good = found?.sha256 === row.sha256 && found.size === row.size;
    states.set(row.sha256, !row.included ? "withheld" : good ? "ok" : "bad");
    if (row.included && !good) bundle.add("L111", `The blob ${row.sha256} is ${found ? "other bytes" : "not there"}.`);
  }
  return states;
}

/**
 * The organisation's stream first: its records say which roots of the others are needed.
 *
 * @param {Run} run
 * @param {Archive} archive
 * @param {Manifest} manifest
 * @param {BundleOutcome} outcome
 * @param {Map<string, BlobState>} blobs
 */
async function walkAll(run, archive, manifest, outcome, blobs) {
  const { states, bundle, given } = outcome;
  run.progress.entriesTotal = states.reduce((sum, state) => sum + state.row.size, 0);
  run.begin("entries", run.progress.entriesTotal);
  const inOrder = [...states].sort((a, b) => Number(b.isOrg) - Number(a.isOrg));
  const org = inOrder.find((state) => state.isOrg);
  for (const state of inOrder) {
    await readCheckpoints(archive, state, (code, message) => bundle.add(code, message));
    wantBrought(state, given);
    for (const record of org?.records ?? []) if (record.origin === state.origin) state.wantRoot(record.size);
    const source = archive.reader();
    await walkEntries(run, archive, state, (leaves) =>
      readBodies(run, archive, source, state, leaves, (leaf, read) => collect(state, leaf, read, blobs)));
    compareWithheld(state, manifest.withheld);
    judgeErasures(state);
    run.count("withheld", state.withheld.size);
    run.count("erased", state.blank.size);
  }
}

/**
 * @param {Run} run
 * @param {Archive} archive
 * @param {Manifest} manifest
 * @param {BundleOutcome} outcome
 * @param {Trust} trust
 */
async function judgeAll(run, archive, manifest, outcome, trust) {
  const { states, bundle, given } = outcome;
  const org = states.find((state) => state.isOrg);
  run.begin("checkpoints", states.reduce((sum, state) => sum + state.checkpoints.length, 0));
  for (const state of states) {
    const records = (org?.records ?? []).filter((each) => each.origin === state.origin);
    await judgeCheckpoints(run, state, trust, records);
    if (org && !state.isOrg) compareRecords(state, records, trust, org.hidden > 0);
    if (!trust.for(state.origin).given) state.findings.add("N902", "You gave no key for this stream; a bundle cannot vouch for itself.");
  }
  if (org) {
    await judgeRotations(org, trust);
    compareListed(org, manifest.streams);
  }
  await judgeManifestNote(archive, manifest, trust, bundle);
  await judgeSignatures(run, archive, states);
  const byOrigin = new Map(states.map((state) => [state.origin, state]));
  await judgeAnchors(run, archive, manifest, byOrigin, { tsa: given.tsa, bundle });
  if (!given.references.length) bundle.add("N903", "You gave no reference checkpoint to compare with.");
  run.begin("brought", given.references.length + given.receipts.length);
  for (const state of states) await judgeBrought(run, state, given, trust);
  await judgeElsewhere(given, manifest.streams, trust, bundle);
}

/**
 * The manifest is signed by the key in force (L107, L108).
 *
 * @param {Archive} archive
 * @param {Manifest} manifest
 * @param {Trust} trust
 * @param {Findings} bundle
 */
async function judgeManifestNote(archive, manifest, trust, bundle) {
  const { org } = manifest;
  const bytes = await archive.read("manifest.note", NOTE_READ);
  if (!bytes) {
    bundle.add("L108", "manifest.note is missing.");
    return;
  }
  try {
    const note = parseNote(bytes);
    const digest = fromHex(archive.digests.get("manifest.json")?.sha256 ?? "") ?? new Uint8Array(0);
    if (note.text !== `ledger/v1 bundle\n${org}\n${base64(digest)}\n`) bundle.add("L107", "manifest.note is over another manifest.");
    const signers = await signersOf(note, org, trust.for(org).keys);
    const due = trust.inForce(manifest.streams.find((row) => row.origin === org)?.size ?? 0);
    if (!signers?.size || (due && !signers.has(due))) bundle.add("L107", "manifest.note has no valid signature of the trusted key in force.");
  } catch (error) {
    if (!(error instanceof NoteError)) throw error;
    bundle.add("L107", `manifest.note is no note: ${error.message}.`);
  }
}
