import { defineConfig } from "vitest/config";

// The parts of verify.html are tested as plain modules; the page itself in a real browser by
// tests/ledger/verifier/test_page.py. VERIFIER_PARTS: another copy of them, for mutation tests.
const parts = process.env["VERIFIER_PARTS"] ?? new URL("../ledger/verifier/page", import.meta.url).pathname;

export default defineConfig({
  resolve: { alias: { "@parts": parts } },
  test: { include: ["verifier/*.test.js"] },
});
