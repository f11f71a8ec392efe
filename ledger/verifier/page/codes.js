/**
 * What each code means, in the words of formats.md, and under which check it belongs.
 *
 * @typedef {{title: string, codes: string[], good: string, count: (facts: Facts) => number | null, unchecked?: (facts: Facts) => string | null, failed?: (facts: Facts) => boolean}} Check
 * @typedef {{files: number, entries: number, sizes: number, counts: {[name: string]: number}, anchors: number, epochs: number, given: {keys: number, references: number, receipts: number, witnesses: number, tsa: number}}} Facts
 */

/** @type {{[code: string]: string}} */
export const TITLES = {
  L101: "Archive form", L102: "Unsafe or repeated name", L103: "Manifest invalid", L104: "File differs from its digest",
  L105: "Listed and missing", L106: "Unlisted or without place", L107: "Manifest's signature", L108: "Required file or stream missing",
  L111: "Blob", L201: "Leaf", L202: "Sequence number", L203: "Link to the entry before", L204: "Time goes back",
  L205: "Entries missing", L206: "Tile differs or missing", L301: "Body is not the sealed one", L302: "Body framing",
  L303: "Body not canonical", L304: "Envelope", L305: "Blank without an erasure entry", L306: "Withheld and list disagree",
  L307: "Erasure entry wrong", L401: "Checkpoint form", L402: "No valid trusted signature", L403: "Other stream or size",
  L404: "Root differs", L405: "Contradicts a reference or the organisation's record", L406: "Entries missing up to a known size",
  L407: "Tail without a checkpoint", L408: "Unrecorded checkpoint or unlisted stream", L409: "Witness missing",
  L501: "Key list", L502: "Key succession", L503: "Rotation entry", L504: "Rotation without double signature", L505: "Key not in force",
  L601: "Signature manifest", L602: "Signed content is not the sealed record", L603: "Nonce used again", L604: "Signer is not who acted",
  L605: "Passkey assertion", L606: "Passkey not enrolled, exchanged or revoked", L607: "Signed outside of its time",
  L701: "Proof file", L702: "Inclusion proof", L703: "Consistency proof", L704: "Receipt",
  L801: "Time stamp for other bytes", L802: "Time stamp's signature or authority",
  N902: "No key given", N903: "No reference given", N904: "Anchor not checked", N906: "Time of the act far from its sealing",
  N907: "Signed without a passkey", N909: "More findings than listed", N911: "Not checkable in this browser",
};

/** @param {Facts} facts @returns {string | null} */
function unvouched(facts) {
  return facts.given.keys ? null : "In order, but by no key of yours";
}

/** @type {Check[]} */
export const BUNDLE_CHECKS = [
  { title: "Archive, names and signed manifest", codes: ["L101", "L102", "L103", "L107", "L108"], good: "In order", count: () => null, unchecked: unvouched },
  { title: "Files and blobs against the manifest", codes: ["L104", "L105", "L106", "L111"], good: "All match", count: (facts) => facts.files },
  { title: "Entries, chain, times and tree", codes: ["L201", "L202", "L203", "L204", "L205", "L206"], good: "All match", count: (facts) => facts.entries },
  { title: "Contents against what was sealed", codes: ["L301", "L302", "L303", "L304"], good: "All match", count: (facts) => facts.entries - (facts.counts["withheld"] ?? 0) - (facts.counts["erased"] ?? 0) },
  { title: "Checkpoints: signatures, roots, record of the organisation", codes: ["L401", "L402", "L403", "L404", "L405", "L406", "L407", "L408"], good: "All hold", count: (facts) => facts.counts["checkpoints"] ?? 0, unchecked: unvouched },
  { title: "Keys of the site and their rotations", codes: ["L501", "L502", "L503", "L504", "L505"], good: "All hold", count: (facts) => facts.epochs, unchecked: unvouched },
  { title: "Time stamps of outside authorities", codes: ["L801", "L802"], good: "All hold", count: (facts) => facts.counts["stamps"] ?? 0, unchecked: (facts) => (!facts.anchors ? "None in the bundle" : facts.given.tsa ? null : "Not checked: no certificate given") },
  { title: "Witness on the newest checkpoints", codes: ["L409"], good: "Cosigned", count: (facts) => facts.given.witnesses, unchecked: (facts) => (facts.given.witnesses ? null : "Not checked: none named") },
  { title: "Your reference checkpoints", codes: [], failed: (facts) => (facts.counts["references"] ?? 0) < facts.given.references, good: "Part of this tree", count: (facts) => facts.given.references, unchecked: (facts) => (facts.given.references ? null : "Not checked: none given") },
  { title: "Your receipts", codes: ["L702", "L704"], failed: (facts) => (facts.counts["receipts"] ?? 0) < facts.given.receipts, good: "All hold", count: (facts) => facts.given.receipts, unchecked: (facts) => (facts.given.receipts ? null : "Not checked: none given") },
  { title: "People's signatures and the content they name", codes: ["L601", "L602", "L603", "L604", "L605", "L606", "L607"], good: "All hold", count: (facts) => facts.counts["signatures"] ?? 0, unchecked: (facts) => (facts.counts["signatures"] ? null : "None in the bundle") },
  { title: "Withheld items, each with its digest", codes: ["L306"], good: "Withheld", count: (facts) => facts.counts["withheld"] ?? 0, unchecked: (facts) => (facts.counts["withheld"] ? null : "None") },
  { title: "Erased items, each with an entry saying why", codes: ["L305", "L307"], good: "Erased", count: (facts) => facts.counts["erased"] ?? 0, unchecked: (facts) => (facts.counts["erased"] ? null : "None") },
];
