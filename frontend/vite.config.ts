import { defineConfig } from "vite";

// Relative base: the server decides where static files live. Nothing is inlined, because the
// content security policy refuses data: addresses and inline code.
export default defineConfig({
  base: "./",
  build: {
    target: "es2022",
    manifest: true,
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 3000,
    rollupOptions: {
      input: { site: "src/site/main.ts", viewer: "src/viewer/main.ts" },
    },
  },
});
