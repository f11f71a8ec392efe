/**
 * The sheets of the result: findings, checks, the file, and what the user trusts.
 *
 * @typedef {import("./codes.js").Check} Check
 * @typedef {import("./codes.js").Facts} Facts
 * @typedef {import("./given.js").GivenTexts} GivenTexts
 * @typedef {import("./report.js").Finding} Finding
 * @typedef {import("./result_view.js").FileFacts} FileFacts
 * @typedef {import("./verdicts.js").BundleOutcome} BundleOutcome
 * @typedef {import("./verdicts.js").Result} Result
 */
import { BUNDLE_CHECKS, TITLES } from "./codes.js";
import { counted, el, facts, having, number, sheet, size, status } from "./dom.js";

/** @param {Result} result @returns {{origin: string, finding: Finding}[]} all of them, first bad entry first */
function allFindings({ bundle, streams }) {
  const own = (bundle?.findings ?? []).map((finding) => ({ origin: "", finding }));
  return [...own, ...streams.flatMap(({ origin, findings }) => findings.map((finding) => ({ origin, finding })))];
}

/** @param {string} origin @returns {string} */
function whereOf(origin) {
  return origin ? origin.slice(origin.lastIndexOf("/") + 1) : "bundle";
}

/** @param {{origin: string, finding: Finding}[]} rows @param {string} caption @returns {HTMLElement} */
function findingsTable(rows, caption) {
  const head = el("thead", el("tr", ...["Entry", "Code", "What was found", "Where"].map((text) => having(el("th", text), { scope: "col" }))));
  const body = rows.map(({ origin, finding: { seq, code, message } }) => el("tr",
    having(el("th", seq === null ? having(el("span.muted", "–"), { "aria-label": "no entry" }) : el("span.digest", `#${number(seq)}`)), { scope: "row" }),
    el("td.nowrap", el("span.digest", code)),
    el("td", el("span.b", `${TITLES[code] ?? code}. `), message),
    el(origin ? "td" : "td.nowrap", el("span.digest", whereOf(origin)))));
  const table = el("table.findings", el("caption.sr", caption), head, el("tbody", ...body));
  return having(el("div.table-x", table), { tabindex: "0", role: "region", "aria-label": `${caption}, as a table` });
}

/** @param {Result} result @param {string} tested what the verifier's test of itself said @returns {HTMLElement} */
export function findingsSheet(result, tested) {
  const rows = allFindings(result).filter(({ finding }) => finding.code.startsWith("L"));
  rows.sort((a, b) => (a.finding.seq ?? Infinity) - (b.finding.seq ?? Infinity) || 0);
  const tag = el(rows.length ? "span.tag.tag-failed" : "span.tag", number(rows.length));
  const content = rows.length ? findingsTable(rows, "Findings, first bad entry first") : el("div.body", el("p.s", "None."));
  const made = sheet(rows.length ? "Findings, first bad entry first" : "Findings", content, el("div.body", el("p.xs.muted", tested)));
  made.querySelector("header")?.append(tag);
  return made;
}

/** @param {Result} result @returns {HTMLElement | null} */
export function notesSheet(result) {
  const rows = allFindings(result).filter(({ finding }) => !finding.code.startsWith("L"));
  if (!rows.length) return null;
  const made = sheet("Notes, which fail nothing", findingsTable(rows, "Notes"));
  made.querySelector("header")?.append(el("span.tag", number(rows.length)));
  return made;
}

/**
 * @param {Result} result
 * @param {BundleOutcome | null} outcome
 * @param {{[name: string]: number}} counts
 * @param {GivenTexts} given
 * @returns {HTMLElement | null}
 */
export function checkedSheet(result, outcome, counts, given) {
  if (!outcome) return null;
  const found = new Set(allFindings(result).map(({ finding }) => finding.code));
  /** @type {Facts} */
  const known = {
    files: outcome.manifest?.files.length ?? 0,
    entries: result.streams.reduce((sum, each) => sum + (each.size ?? 0), 0),
    sizes: result.streams.length,
    counts,
    anchors: outcome.manifest?.anchors.length ?? 0,
    epochs: outcome.trust?.epochs.length ?? 0,
    given: { keys: given.keys?.length ?? 0, references: given.checkpoints?.length ?? 0, receipts: given.receipts?.length ?? 0, witnesses: given.witnesses?.length ?? 0, tsa: given.tsa?.length ?? 0 },
  };
  const head = el("thead", el("tr", having(el("th", "Check"), { scope: "col" }), having(el("th.num", "Count"), { scope: "col" }), having(el("th", "Found"), { scope: "col" })));
  const rows = BUNDLE_CHECKS.map((check) => checkRow(check, known, found, outcome.manifest !== null));
  return sheet("What was checked", el("table", el("caption.sr", "What was checked and what was not"), head, el("tbody", ...rows)));
}

/** @param {Check} check @param {Facts} known @param {Set<string>} found @param {boolean} read @returns {HTMLElement} */
function checkRow(check, known, found, read) {
  const codes = check.codes.filter((code) => found.has(code));
  const count = check.count(known);
  const skipped = read || codes.length ? (check.unchecked?.(known) ?? null) : "Not checked: no manifest to follow";
  const failed = codes.length > 0 || (check.failed?.(known) ?? false);
  const quiet = check.good === "Withheld" || check.good === "Erased";
  const said = failed ? status("bad", codes.join(", ") || "Not all hold: see the findings") : skipped ? status("none", skipped) : status(quiet ? "none" : "ok", check.good);
  return el("tr", having(el("th", check.title), { scope: "row" }), el("td.num", count === null ? "" : number(count)), el("td", said));
}

/** @param {FileFacts} file @param {BundleOutcome | null} outcome @param {Result} result @returns {HTMLElement} */
export function bundleSheet(file, outcome, result) {
  const manifest = outcome?.manifest;
  /** @type {[string, Node | string][]} */
  const rows = [["File", `${file.name}, ${size(file.bytes)}`], ["SHA-256", el("span.digest", file.digest)]];
  rows.push(["Streams", el("span", ...result.streams.flatMap((each) => [el("span.digest", each.origin || "none"), each.size === null ? "" : `, ${counted(each.size, "entry", "entries")}`, el("br")]))]);
  const left = manifest?.streams.filter((row) => !row.included) ?? [];
  if (left.length) rows.push(["Left out", left.map((row) => `${row.origin} (${row.reason})`).join(", ")]);
  if (manifest) rows.push(["Scope", manifest.scope], ["Made", `${manifest.created.slice(0, 19).replace("T", ", ")} UTC, by ${manifest.generator}`]);
  return sheet(manifest ? "The bundle" : "The file", el("div.body", facts(rows)));
}

/** @param {GivenTexts} given @returns {HTMLElement} */
export function trustedSheet(given) {
  /** @type {[string, Node | string][]} */
  const rows = [];
  for (const key of given.keys ?? []) rows.push(["Trusted key", told(key)]);
  for (const note of given.checkpoints ?? []) rows.push(["Reference", told(`${note.split("\n")[0]}, size ${note.split("\n")[1]}, root ${note.split("\n")[2]}`)]);
  for (const key of given.witnesses ?? []) rows.push(["Witness", told(key)]);
  if (given.receipts?.length) rows.push(["Receipts", counted(given.receipts.length, "receipt")]);
  if (given.tsa?.length) rows.push(["Time stamps", counted(given.tsa.length, "certificate file")]);
  const content = rows.length ? facts(rows) : el("p.s", "Nothing: no key was given. A bundle cannot vouch for itself.");
  return sheet("Trusted by you", el("div.body", content));
}

/** @param {string} text @returns {HTMLElement} */
function told(text) {
  return el("span", el("span.digest", text), el("br"), el("span.xs.muted", "given by you, not taken from the bundle"));
}
