import { defineConfig } from "vitest/config";

export default defineConfig({
  resolve: { alias: { "@parts": new URL("work/parts", import.meta.url).pathname } },
  test: { include: ["work/frontend/verifier/*.test.js"] },
});
