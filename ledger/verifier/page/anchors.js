/**
 * Anchors that a bundle carries: time stamps are judged, other kinds are not (L801, L802, N904).
 *
 * @typedef {import("./archive.js").Archive} Archive
 * @typedef {import("./certificates.js").Certificate} Certificate
 * @typedef {import("./manifest.js").AnchorRow} AnchorRow
 * @typedef {import("./manifest.js").Manifest} Manifest
 * @typedef {import("./report.js").Findings} Findings
 * @typedef {import("./run.js").Run} Run
 * @typedef {import("./stream_state.js").StreamState} StreamState
 * @typedef {import("./time_stamps.js").TimeStamp} TimeStamp
 */
import { base64, sameBytes, utf8 } from "./bytes.js";
import { DerError } from "./der.js";
import { sha256 } from "./sha256.js";
import { readTimeStamp, stampFault } from "./time_stamps.js";

const TOKEN_LIMIT = 1 << 20;

/**
 * @param {Run} run
 * @param {Archive} archive
 * @param {Manifest} manifest
 * @param {Map<string, StreamState>} states
 * @param {{tsa: Certificate[], bundle: Findings}} with_
 */
export async function judgeAnchors(run, archive, manifest, states, { tsa, bundle }) {
  run.begin("anchors", manifest.anchors.length);
  for (const row of manifest.anchors) {
    const bytes = await archive.read(row.path, TOKEN_LIMIT);
    if (!bytes || !row.path.startsWith("anchors/")) bundle.add("L108", `The anchor ${row.path} is missing.`);
    else if (row.kind !== "rfc3161") bundle.add("N904", `The anchor ${row.path} is carried and not judged.`);
    else await judgeStamp(run, bytes, row, textOf(row, manifest, states), tsa, bundle);
    await run.step();
  }
}

/**
 * @param {AnchorRow} row
 * @param {Manifest} manifest
 * @param {Map<string, StreamState>} states
 * @returns {string | null} the checkpoint text it must be over
 */
function textOf(row, manifest, states) {
  const state = states.get(row.origin);
  const listed = manifest.streams.find((each) => each.origin === row.origin && !each.included && each.size === row.size);
  const checkpoint = state?.checkpoints.find((each) => each.size === row.size);
  const root = checkpoint?.root ?? listed?.root;
  return root ? `${row.origin}\n${row.size}\n${base64(root)}\n` : null;
}

/**
 * @param {Run} run
 * @param {import("./bytes.js").Bytes} bytes
 * @param {AnchorRow} row
 * @param {string | null} text
 * @param {Certificate[]} tsa
 * @param {Findings} findings
 */
async function judgeStamp(run, bytes, row, text, tsa, findings) {
  try {
    const stamp = readTimeStamp(bytes);
    if (text === null || !sameBytes(stamp.imprint, sha256(utf8(text)))) {
      findings.add("L801", `The time stamp ${row.path} is over other bytes than the checkpoint at size ${row.size}.`);
      return;
    }
    if (!tsa.length) {
      findings.add("N904", `The time stamp ${row.path} fits; you gave no certificate to check who made it.`);
      return;
    }
    const fault = await stampFault(stamp, tsa);
    if (fault) findings.add("L802", `The time stamp ${row.path} does not hold: ${fault}.`);
    else run.count("stamps");
  } catch (error) {
    if (!(error instanceof DerError)) throw error;
    findings.add("L801", `The time stamp ${row.path} cannot be read: ${error.message}.`);
  }
}
