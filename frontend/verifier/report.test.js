import { describe, expect, test } from "vitest";
import { Findings, LISTED_PER_CODE, exitCode } from "@parts/report.js";

const CODES = "L101 L102 L103 L104 L105 L106 L107 L108 L111 L201 L202 L203 L204 L205 L206 L301 L302 L303 L304 L305 L306 L307 L401 L402 L403 L404 L405 L406 L407 L408 L409 L501 L502 L503 L504 L505 L601 L602 L603 L604 L605 L606 L607 L701 L702 L703 L704 L801 L802".split(" ");
const ONLY = ["L205", "L406", "L407", "L408", "L409"];
const ALSO = ["L202", "L405"];

describe("what each code fails (formats.md: Verifier)", () => {
  test.each(CODES)("%s", (code) => {
    const findings = new Findings();
    findings.add(code, "m", 3);
    expect(findings.altered).toBe(!ONLY.includes(code));
    expect(findings.incomplete).toBe(ONLY.includes(code) || ALSO.includes(code));
    expect([findings.firstBad, findings.total]).toEqual([3, 1]);
  });

  test.each(["N902", "N903", "N904", "N906", "N907", "N909"])("%s fails nothing", (code) => {
    const findings = new Findings();
    findings.add(code, "m", 3);
    expect([findings.altered, findings.incomplete, findings.firstBad]).toEqual([false, false, null]);
  });

  test("nothing found", () => {
    const findings = new Findings();
    expect([findings.altered, findings.incomplete, findings.firstBad, findings.total, findings.sorted()]).toEqual([false, false, null, 0, []]);
  });
});

describe("the list", () => {
  test("findings by entry, those without one last, then notes", () => {
    const findings = new Findings();
    for (const [code, seq] of /** @type {[string, number | undefined][]} */ ([["N902", undefined], ["N906", 1], ["L402", undefined], ["L203", 9], ["L301", 0], ["L303", 9], ["N907", 0]])) findings.add(code, `m${code}`, seq);
    expect(findings.sorted()).toEqual([
      { seq: 0, code: "L301", message: "mL301" }, { seq: 9, code: "L203", message: "mL203" }, { seq: 9, code: "L303", message: "mL303" }, { seq: null, code: "L402", message: "mL402" },
      { seq: 0, code: "N907", message: "mN907" }, { seq: 1, code: "N906", message: "mN906" }, { seq: null, code: "N902", message: "mN902" },
    ]);
    expect([findings.firstBad, findings.total]).toEqual([0, 7]);
  });

  test("fifty of a code are listed, the others counted, and the smallest entry is kept", () => {
    const findings = new Findings();
    for (let seq = 99; seq >= 0; seq--) findings.add("L203", "m", seq);
    for (let seq = 50; seq > 0; seq--) findings.add("L204", "m", seq);
    expect([findings.firstBad, findings.total, LISTED_PER_CODE]).toEqual([0, 150, 50]);
    expect(findings.sorted()).toHaveLength(101);
    expect(findings.sorted().filter(({ code }) => code === "N909")).toEqual([{ seq: null, code: "N909", message: "50 more of L203 were found and are not listed." }]);
  });
});

test("exit codes", () => {
  expect([exitCode([]), exitCode(["ok", null]), exitCode(["ok", "unknown"]), exitCode(["unknown", "failed"]), exitCode(["failed"]), exitCode([null])]).toEqual([0, 0, 3, 1, 1, 0]);
});
