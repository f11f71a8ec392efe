/**
 * The result: two verdicts, what was found, what was checked, and what it does not say.
 *
 * @typedef {import("./verify.js").Verification} Verification
 * @typedef {import("./verdicts.js").Result} Result
 * @typedef {import("./verdicts.js").StreamResult} StreamResult
 * @typedef {import("./report.js").Verdict} Verdict
 * @typedef {import("./given.js").GivenTexts} GivenTexts
 * @typedef {{name: string, bytes: number, digest: string, at: Date, tested: string}} FileFacts
 * @typedef {{verdict: Verdict | "none", title: string, text: string}} Said
 */
import { counted, el, figure, having, icon, number, rect, sheet, utcTime } from "./dom.js";
import { bundleSheet, checkedSheet, findingsSheet, notesSheet, trustedSheet } from "./result_tables.js";

/** @param {(Verdict | null)[]} verdicts @returns {Verdict | "none"} the worst of them */
function worst(verdicts) {
  for (const each of /** @type {Verdict[]} */ (["failed", "unknown", "ok"])) if (verdicts.includes(each)) return each;
  return "none";
}

/** @param {string} origin @returns {string} its last part */
export function shortName(origin) {
  return origin.slice(origin.lastIndexOf("/") + 1) || "the file";
}

/** @param {Result} result @param {GivenTexts} given @returns {Said} */
export function integritySaid({ bundle, streams }, given) {
  const verdict = worst([bundle?.integrity ?? null, ...streams.map((each) => each.integrity)]);
  const entries = streams.reduce((sum, each) => sum + (each.size ?? 0), 0);
  const recomputed = bundle ? `${counted(entries, "entry", "entries")} recomputed in ${counted(streams.length, "stream")}` : "The proof leads to the signed checkpoint, as far as the file goes";
  if (verdict === "ok" && !given.keys?.length) return { verdict, title: "Agrees with itself", text: `${recomputed}; no key of yours vouches for it` };
  if (verdict === "ok") return { verdict, title: "Nothing altered", text: recomputed };
  if (verdict !== "failed") return { verdict: "unknown", title: "Not known", text: "This browser could not check every signature" };
  const first = streams.filter((each) => each.integrity === "failed" && each.first_bad_seq !== null).sort((a, b) => (a.first_bad_seq ?? 0) - (b.first_bad_seq ?? 0))[0];
  const title = first ? `Altered, first at entry ${number(first.first_bad_seq ?? 0)}` : "Altered";
  return { verdict, title, text: whereAltered({ bundle, streams, seconds: 0 }) };
}

/** @param {Result} result @returns {string} */
function whereAltered({ bundle, streams }) {
  const bad = streams.filter((each) => each.integrity === "failed").map((each) => shortName(each.origin));
  const good = streams.filter((each) => each.integrity === "ok").map((each) => shortName(each.origin));
  if (bundle?.integrity === "failed") bad.unshift("the bundle's own files");
  return `Findings in ${bad.join(", ")}${good.length ? `; ${good.join(", ")} ${good.length > 1 ? "are" : "is"} unaltered` : ""}`;
}

/** @param {StreamResult} stream @returns {{title: string, text: string}} the gravest of what is missing */
function whatIsMissing({ findings }) {
  const of = (/** @type {string[]} */ ...codes) => findings.find((each) => codes.includes(each.code));
  const gone = of("L406", "L205");
  if (gone) return { title: `Entries missing from ${number(gone.seq ?? 0)} on`, text: gone.message.replace(/\.$/, "") };
  if (of("L202", "L405")) return { title: "Entries missing or replaced", text: "the entries are not those that were counted" };
  if (of("L407")) return { title: "The end is not covered", text: "no checkpoint covers the last entries" };
  if (of("L408")) return { title: "Records are missing", text: "a checkpoint or stream is not in the organisation's record" };
  return { title: "A witness is missing", text: "none of those you named has cosigned the newest checkpoint" };
}

/** @param {Result} result @param {GivenTexts} given @returns {Said} */
export function completenessSaid({ bundle, streams }, given) {
  if (!bundle) return { verdict: "none", title: "Not judged", text: "A single file says nothing about what is missing" };
  const verdict = streams.length ? worst(streams.map((each) => each.completeness)) : "unknown";
  if (verdict === "failed") {
    const bad = streams.filter((each) => each.completeness === "failed");
    const said = bad.map((each) => `${shortName(each.origin)}: ${whatIsMissing(each).text}`);
    return { verdict, title: whatIsMissing(/** @type {StreamResult} */ (bad[0])).title, text: said.join("; ") };
  }
  if (verdict !== "ok") {
    const text = given.keys?.length ? "No newest checkpoint that a key of yours vouches for" : "You gave no key, so nothing says how much there has to be";
    return { verdict: "unknown", title: "Not known", text };
  }
  const sizes = streams.map((each) => `${shortName(each.origin)} up to ${number(each.size ?? 0)}`).join(", ");
  const reference = given.checkpoints?.length ? "your reference is a part of this tree" : "you gave no reference to compare with";
  return { verdict, title: "Nothing missing", text: `Signed checkpoints: ${sizes}; ${reference}` };
}

/** @param {string} label @param {Said} said @returns {HTMLElement} */
function verdictSheet(label, { verdict, title, text }) {
  const body = el("div.body", icon(verdict), el("div", el("p.s.muted", label), el("h2", title), el("p.s.soft", text)));
  return having(el(`section.sheet.verdict.v-${verdict}`, body), { "aria-label": label, "data-verdict": verdict });
}

/** @param {StreamResult[]} streams @returns {HTMLElement | null} how far each stream holds */
function holdsSheet(streams) {
  const bad = streams.filter((each) => each.first_bad_seq !== null && each.size);
  if (!bad.length) return null;
  return sheet("How far it holds", el("div.body", ...bad.flatMap((each) => {
    const first = each.first_bad_seq ?? 0;
    const holds = first ? `Entries 0 to ${number(first - 1)} hold` : "No entry is sure to hold";
    const rest = `from ${number(first)} on do not rely on it`;
    const share = Math.min(940, Math.round((1000 * first) / Math.max(1, each.size ?? 1)));
    const bar = figure(`${shortName(each.origin)}: ${holds}; ${rest}`);
    bar.append(rect({ class: "f-ok", width: String(share), height: "16" }), rect({ class: "f-bad", x: String(share + 8), width: String(992 - share), height: "16" }));
    return [el("p.s.b", shortName(each.origin)), bar, el("p.xs.muted", `${holds}; ${rest}. Not to scale at the end, so that it can be seen.`)];
  })));
}

/** @param {boolean} single @param {GivenTexts} given @returns {HTMLElement} */
function limitsSheet(single, given) {
  const limits = [
    "That what was recorded is true, or that everybody acted rightly. It says that these are the entries that were sealed.",
    "That nothing was rewritten before the first checkpoint, time stamp or receipt that somebody outside kept.",
    "Who a pseudonym stands for: the record names people by opaque ids.",
  ];
  if (!given.checkpoints?.length) limits.push("That nothing was cut off at the end: you gave no reference checkpoint.");
  if (!single) limits.push("That withheld and erased items said what somebody remembers: only their digests are here.");
  limits.push("That this copy of the verifier is the published one: compare its SHA-256 with a digest from elsewhere.");
  return sheet("What this does not say", el("div.body", el("ul.plain.s.soft", ...limits.map((text) => el("li", text)))));
}

/**
 * @param {Verification} verification
 * @param {FileFacts} file
 * @param {GivenTexts} given
 * @param {{print: () => void, save: () => void, again: () => void}} acts
 * @returns {{root: HTMLElement, title: string}}
 */
export function resultView({ result, exit, outcome, counts }, file, given, acts) {
  const { streams } = result;
  const integrity = integritySaid(result, given);
  const completeness = completenessSaid(result, given);
  const head = having(el("h1", "Result"), { tabindex: "-1", id: "result-head" });
  const took = result.seconds < 1 ? "under a second" : counted(Math.round(result.seconds), "second");
  const warn = streams.filter((each) => each.first_bad_seq !== null).map((each) => ` Do not rely on entries of ${shortName(each.origin)} from ${number(each.first_bad_seq ?? 0)} on.`);
  const lead = el("p.lead", `Checked on this computer, ${utcTime(file.at)}, in ${took}.${warn.join("")}`);
  const buttons = el("div.row.no-print", act("again", "Check another", acts.again), act("print", "Print", acts.print), act("save", "Save result, JSON", acts.save));
  const main = el("div.stack", findingsSheet(result, file.tested), checkedSheet(result, outcome, counts, given), notesSheet(result));
  const side = el("div.stack.side", holdsSheet(streams), bundleSheet(file, outcome, result), trustedSheet(given), limitsSheet(!result.bundle, given));
  if (exit === 0) main.prepend(/** @type {Node} */ (main.children[1]));
  const root = el("div", el("div.vf-h.acts", el("div", head, lead), buttons),
    el("div.two", verdictSheet("Integrity", integrity), verdictSheet("Completeness", completeness)), el("div.grid", main, side));
  return { root, title: `${integrity.title}; ${completeness.title.toLowerCase()}` };
}

/** @param {string} name @param {string} text @param {() => void} does @returns {HTMLElement} */
function act(name, text, does) {
  const button = having(el("button.btn", icon(name), text), { type: "button" });
  button.addEventListener("click", does);
  return button;
}
