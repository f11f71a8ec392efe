/**
 * The page: takes a file and what the user trusts, shows how far it is, shows the result.
 *
 * @typedef {import("./verify.js").Verification} Verification
 * @typedef {import("./given.js").GivenTexts} GivenTexts
 * @typedef {typeof globalThis & {verifyBundle: typeof verifyBundle}} Hooked
 */
import { streamed } from "./archive.js";
import { byId, size } from "./dom.js";
import { drawFields } from "./fields.js";
import { UsageError } from "./given.js";
import { ProgressView } from "./progress.js";
import { resultView } from "./result_view.js";
import { Run, Stopped } from "./run.js";
import { selfTest } from "./self_test.js";
import { verifyFile } from "./verify.js";
import { Source } from "./zip.js";

/**
 * For scripts: the same check without the page.
 *
 * @param {Blob} blob bundle or single file
 * @param {GivenTexts} [given] texts: keys, checkpoints, receipts, witnesses, tsa
 * @returns {Promise<{exit: 0 | 1 | 2 | 3, result: import("./verdicts.js").Result | null}>} the
 *   JSON form of verify.py and its exit code; no result where it exits with 2
 */
async function verifyBundle(blob, given = {}) {
  try {
    const { exit, result } = await verifyFile(blob, given);
    return { exit, result };
  } catch (error) {
    if (error instanceof UsageError) return { exit: 2, result: null };
    throw error;
  }
}

class Page {
  constructor() {
    /** @type {File | null} */
    this.file = null;
    this.given = drawFields();
    this.stopping = new AbortController();
    this.input = /** @type {HTMLInputElement} */ (byId("file"));
    byId("choose").addEventListener("click", () => this.input.click());
    this.input.addEventListener("change", () => this.choose(this.input.files?.[0]));
    byId("check").addEventListener("click", () => void this.check());
    byId("stop").addEventListener("click", () => this.stopping.abort());
    this.takeDrops();
  }

  takeDrops() {
    const drop = byId("drop");
    const over = (/** @type {boolean} */ is) => drop.classList.toggle("over", is);
    document.addEventListener("dragover", (event) => {
      event.preventDefault();
      over(true);
    });
    document.addEventListener("dragleave", () => over(false));
    document.addEventListener("drop", (event) => {
      event.preventDefault();
      over(false);
      this.choose(event.dataTransfer?.files[0]);
    });
  }

  /** @param {File | undefined} file */
  choose(file) {
    if (!file || !byId("busy").hidden || byId("ask").hidden) return;
    this.file = file;
    byId("file-name").textContent = `${file.name}, ${size(file.size)}`;
    byId("file-hint").textContent = "Drop another file here to replace it";
    byId("idle-text").textContent = "What you trust is better given before checking than after.";
    byId("check").setAttribute("aria-disabled", "false");
    byId("where").textContent = "Step 2 of 3";
    byId("said").textContent = `${file.name} is chosen`;
    this.problem("");
  }

  /** @param {string} text */
  problem(text) {
    byId("problem").textContent = text;
    byId("problem").hidden = !text;
  }

  /** @param {boolean} is */
  busy(is) {
    byId("busy").hidden = !is;
    byId("stop").hidden = !is;
    byId("idle").hidden = is;
    byId("choose").toggleAttribute("disabled", is);
    byId("where").textContent = is ? "Step 3 of 3" : "Step 2 of 3";
    document.title = is ? "Checking · Bundle verifier" : "Check a bundle · Bundle verifier";
  }

  async check() {
    const file = this.file;
    if (!file) {
      byId("said").textContent = "Choose a bundle first";
      byId("choose").focus();
      return;
    }
    this.stopping = new AbortController();
    this.problem("");
    this.busy(true);
    byId("stop").focus();
    try {
      await this.checkFile(file, this.given(), this.stopping.signal);
    } catch (error) {
      this.busy(false);
      this.problem(told(error));
      byId("check").focus();
    }
  }

  /** @param {File} file @param {GivenTexts} given @param {AbortSignal} signal */
  async checkFile(file, given, signal) {
    const tested = await selfTest();
    if (!tested.good) throw new UsageError("This browser gives wrong answers to known questions; nothing was checked.");
    const progress = new ProgressView();
    const verification = await verifyFile(file, given, { onProgress: (now) => progress.draw(now), signal });
    const { digest } = await streamed(new Run(undefined, signal), new Source(file), 0, file.size);
    const at = new Date();
    const said = `Before it began, the verifier tested itself: ${tested.answers} of ${tested.answers} known answers, ${tested.faults} of ${tested.faults} planted faults found.`;
    this.show(verification, { name: file.name, bytes: file.size, digest, at, tested: said }, given);
  }

  /** @param {Verification} verification @param {import("./result_view.js").FileFacts} file @param {GivenTexts} given */
  show(verification, file, given) {
    const { root, title } = resultView(verification, file, given, {
      print: () => window.print(),
      save: () => save(file.name, verification),
      again: () => this.again(),
    });
    this.busy(false);
    byId("ask").hidden = true;
    byId("result").replaceChildren(root);
    byId("result").hidden = false;
    byId("where").textContent = `Exit code ${verification.exit}`;
    document.title = `${title} · Bundle verifier`;
    scrollTo(0, 0);
    byId("result-head").focus();
  }

  again() {
    byId("result").hidden = true;
    byId("result").replaceChildren();
    byId("ask").hidden = false;
    this.busy(false);
    byId("choose").focus();
  }
}

/** @param {unknown} error @returns {string} for the person at the screen */
function told(error) {
  if (error instanceof Stopped) return "Stopped. Nothing was decided.";
  if (error instanceof UsageError) return error.message;
  if (error instanceof DOMException) return "The file could not be read; it may have been moved or changed. Choose it again.";
  return `The check could not be finished, and nothing was decided: ${String(error)}`;
}

/** @param {string} name @param {Verification} verification */
function save(name, { result }) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([`${JSON.stringify(result, null, 1)}\n`], { type: "application/json" }));
  link.download = `${name.replace(/\.[a-z]+$/i, "")}-result.json`;
  link.click();
  URL.revokeObjectURL(link.href);
}

/** @type {Hooked} */ (globalThis).verifyBundle = verifyBundle;
new Page();
