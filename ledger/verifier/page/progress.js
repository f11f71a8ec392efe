/**
 * How far a check is, drawn from what it counted.
 *
 * @typedef {import("./run.js").Progress} Progress
 */
import { byId, el, icon, number } from "./dom.js";

/** @type {[string, string, string][]} phase, title, what it counts */
const STEPS = [
  ["files", "Files of the bundle", "files"],
  ["entries", "Chain, tree and contents, entry by entry", "entries"],
  ["checkpoints", "Checkpoints and their signatures", "checkpoints"],
  ["signatures", "People's signatures", "signatures and passkeys"],
  ["anchors", "Anchors outside", "anchors"],
  ["brought", "What you brought", "references and receipts"],
];
const SPOKEN_EVERY_MS = 5000;

/** Draws the steps, the count and the bar; speaks at most every five seconds. */
export class ProgressView {
  constructor() {
    this.spoken = 0;
    this.phase = "";
    this.phaseSince = performance.now();
    /** @type {Map<string, string>} what was counted in phases that are over */
    this.over = new Map();
  }

  /** @param {Progress} progress */
  draw(progress) {
    const { phase, done, total } = progress;
    if (!phase) return;
    if (phase !== this.phase) {
      this.phase = phase;
      this.phaseSince = performance.now();
    }
    const step = STEPS.find(([name]) => name === phase);
    const entries = phase === "entries";
    const now = entries ? progress.entries : done;
    this.over.set(phase, `${number(now)} of ${number(total)}`);
    byId("count").textContent = number(now);
    byId("count-of").textContent = `of ${number(total)} ${step?.[2] ?? ""}`;
    byId("left").textContent = this.timeLeft(now, total);
    const bar = /** @type {HTMLProgressElement} */ (byId("bar"));
    bar.max = Math.max(1, total);
    bar.value = now;
    byId("steps").replaceChildren(...STEPS.map(([name, title, unit]) => this.step(name, title, unit)));
    this.say(`${number(now)} of ${number(total)} ${step?.[2] ?? ""} checked`);
  }

  /** @param {number} now @param {number} total @returns {string} */
  timeLeft(now, total) {
    const spent = (performance.now() - this.phaseSince) / 1000;
    if (spent < 1 || now === 0 || now >= total) return "";
    const seconds = Math.ceil((spent / now) * (total - now));
    return seconds < 120 ? `about ${seconds} seconds left` : `about ${Math.ceil(seconds / 60)} minutes left`;
  }

  /** @param {string} name @param {string} title @param {string} unit @returns {HTMLElement} */
  step(name, title, unit) {
    const at = STEPS.findIndex(([each]) => each === this.phase);
    const here = STEPS.findIndex(([each]) => each === name);
    const counted = this.over.get(name);
    const state = here < at ? el("span.st.st-ok", icon("ok"), "Done") : here > at ? el("span.s.muted", "waits") : el("span.st.st-none", icon("now"), "Now");
    return el("li", el("div.grow", el("p.b", title), el("p.xs.muted", counted ? `${counted} ${unit}` : unit)), state);
  }

  /** @param {string} text */
  say(text) {
    if (performance.now() - this.spoken < SPOKEN_EVERY_MS) return;
    this.spoken = performance.now();
    byId("said").textContent = text;
  }
}
