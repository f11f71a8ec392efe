/**
 * Stryker changes files inside its own folder only: copy the parts and their tests here.
 *
 * The tests find the parts beside them, and mocha (harness.js) where they ask for vitest.
 */
import { cpSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";

const here = new URL("work/", import.meta.url);
const tests = new URL("frontend/verifier/", here);
rmSync(here, { recursive: true, force: true });
cpSync(new URL("../../ledger/verifier/page/", import.meta.url), new URL("parts/", here), { recursive: true });
cpSync(new URL("../verifier/", import.meta.url), tests, { recursive: true });
cpSync(new URL("../../tests/data/ledger/", import.meta.url), new URL("tests/data/ledger/", here), { recursive: true });
for (const name of readdirSync(tests)) {
  const text = readFileSync(new URL(name, tests), "utf8");
  writeFileSync(new URL(name, tests), text.replaceAll('"@parts/', '"../../parts/').replaceAll('from "vitest"', 'from "../../../harness.js"'));
}
