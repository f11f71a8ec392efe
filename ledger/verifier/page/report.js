/**
 * Findings and the two verdicts made of them (formats.md: Verifier).
 *
 * @typedef {"ok" | "failed" | "unknown"} Verdict
 * @typedef {{seq: number | null, code: string, message: string}} Finding
 */

const ONLY_COMPLETENESS = new Set(["L205", "L406", "L407", "L408", "L409"]);
const ALSO_COMPLETENESS = new Set(["L202", "L405"]);
export const LISTED_PER_CODE = 50;

/** The findings of one stream, of the bundle, or of a single file. */
export class Findings {
  constructor() {
    /** @type {Finding[]} */
    this.list = [];
    /** @type {Map<string, number>} how often each code was found */
    this.counts = new Map();
    /** @type {number | null} */
    this.firstBad = null;
  }

  /**
   * @param {string} code
   * @param {string} message a sentence
   * @param {number | null} [seq] the entry at fault
   */
  add(code, message, seq = null) {
    const count = (this.counts.get(code) ?? 0) + 1;
    this.counts.set(code, count);
    if (code.startsWith("L") && seq !== null) this.firstBad = Math.min(seq, this.firstBad ?? seq);
    if (count <= LISTED_PER_CODE) this.list.push({ seq, code, message });
  }

  /** @param {(code: string) => boolean} which @returns {boolean} */
  some(which) {
    return [...this.counts.keys()].some(which);
  }

  /** @returns {number} how much was found, listed or not */
  get total() {
    return [...this.counts.values()].reduce((sum, count) => sum + count, 0);
  }

  /** @returns {boolean} whether anything was altered */
  get altered() {
    return this.some((code) => code.startsWith("L") && !ONLY_COMPLETENESS.has(code));
  }

  /** @returns {boolean} whether anything is missing */
  get incomplete() {
    return this.some((code) => ONLY_COMPLETENESS.has(code) || ALSO_COMPLETENESS.has(code));
  }

  /** @returns {Finding[]} by entry, those without one last, notes after findings */
  sorted() {
    const more = [...this.counts].filter(([, count]) => count > LISTED_PER_CODE);
    const listed = [...this.list].sort((a, b) => rank(a) - rank(b) || at(a) - at(b));
    for (const [code, count] of more) {
      listed.push({ seq: null, code: "N909", message: `${count - LISTED_PER_CODE} more of ${code} were found and are not listed.` });
    }
    return listed;
  }
}

/** @param {Finding} finding @returns {number} */
function rank(finding) {
  return finding.code.startsWith("L") ? 0 : 1;
}

/** @param {Finding} finding @returns {number} */
function at(finding) {
  return finding.seq ?? Number.MAX_SAFE_INTEGER;
}

/**
 * @param {(Verdict | null)[]} verdicts
 * @returns {0 | 1 | 3} as verify.py exits: all ok, any failed, any unknown
 */
export function exitCode(verdicts) {
  if (verdicts.includes("failed")) return 1;
  return verdicts.includes("unknown") ? 3 : 0;
}
