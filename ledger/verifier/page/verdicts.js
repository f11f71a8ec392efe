/**
 * From findings to the JSON form that verify.py gives as well (formats.md: Verifier; interface.md).
 *
 * @typedef {import("./given.js").Given} Given
 * @typedef {import("./manifest.js").Manifest} Manifest
 * @typedef {import("./report.js").Finding} Finding
 * @typedef {import("./report.js").Verdict} Verdict
 * @typedef {import("./stream_state.js").StreamState} StreamState
 * @typedef {import("./trust.js").Trust} Trust
 * @typedef {{bundle: Findings, manifest: Manifest | null, states: StreamState[], trust: Trust | null, given: Given}} BundleOutcome
 * @typedef {{origin: string, size: number | null, root: string | null, integrity: Verdict, completeness: Verdict | null, first_bad_seq: number | null, findings: Finding[]}} StreamResult
 * @typedef {{bundle: {integrity: Verdict, findings: Finding[]} | null, streams: StreamResult[], seconds: number}} Result
 */
import { missing } from "./algorithms.js";
import { base64 } from "./bytes.js";
import { Findings, exitCode } from "./report.js";

/** @param {Findings} findings @returns {Verdict} */
export function integrityOf(findings) {
  if (findings.altered) return "failed";
  return missing.size ? "unknown" : "ok";
}

/** @param {StreamState} state @param {Trust | null} trust @returns {Verdict} */
function completenessOf(state, trust) {
  if (state.findings.incomplete) return "failed";
  const given = trust?.for(state.origin).given ?? false;
  return given && state.newest?.good === true && !missing.size ? "ok" : "unknown";
}

/** What this browser could not check, told where the user looks. @param {Findings} findings */
export function tellMissing(findings) {
  for (const name of missing) {
    findings.add("N911", `This browser cannot check ${name} signatures: the verdicts are unknown. Use a newer browser, or verify.py.`);
  }
}

/** @param {BundleOutcome} outcome @param {number} seconds @returns {Result} */
export function bundleResult({ bundle, states, trust }, seconds) {
  tellMissing(bundle);
  return {
    bundle: { integrity: integrityOf(bundle), findings: bundle.sorted() },
    streams: states.map((state) => ({
      origin: state.origin,
      size: state.size,
      root: state.root ? base64(state.root) : null,
      integrity: integrityOf(state.findings),
      completeness: completenessOf(state, trust),
      first_bad_seq: state.findings.firstBad,
      findings: state.findings.sorted(),
    })),
    seconds,
  };
}

/** @param {Result} result @returns {0 | 1 | 3} a single file that nothing vouches for is unknown, and fails by any finding */
export function exitOf({ bundle, streams }) {
  const verdicts = streams.flatMap((stream) => [stream.integrity, stream.completeness]);
  if (bundle) return exitCode([bundle.integrity, ...verdicts]);
  const codes = streams.flatMap((stream) => stream.findings.map(({ code }) => code));
  if (codes.some((code) => code.startsWith("L"))) return 1;
  return exitCode([...verdicts, codes.includes("N902") || codes.includes("N903") ? "unknown" : null]);
}
