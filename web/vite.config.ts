/// <reference types="vitest/config" />
import { cpSync, mkdirSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import react from "@vitejs/plugin-react";
import { defineConfig, type Plugin } from "vite";

const box = process.env.BWENGE_BOX ?? "http://localhost:8080";
const pdfjs = path.dirname(createRequire(import.meta.url).resolve("pdfjs-dist/package.json"));

/**
 * Copies what pdf.js fetches only for some files: fonts that a PDF does not
 * bring along, CJK character maps, and the JPEG 2000 decoder in plain
 * JavaScript (the content security policy does not let WebAssembly compile).
 */
function pdfResources(): Plugin {
  let out = "";
  return {
    name: "pdf-resources",
    apply: "build",
    configResolved(config) {
      out = path.join(config.build.outDir, "pdfjs");
    },
    closeBundle() {
      mkdirSync(out, { recursive: true });
      for (const folder of ["cmaps", "standard_fonts"]) {
        cpSync(path.join(pdfjs, folder), path.join(out, folder), { recursive: true });
      }
      cpSync(path.join(pdfjs, "wasm", "openjpeg_nowasm_fallback.js"), path.join(out, "openjpeg_nowasm_fallback.js"));
    },
  };
}

export default defineConfig({
  plugins: [react(), pdfResources()],
  resolve: { alias: { "@": path.resolve("src") } },
  build: {
    // Tablets whose browser stopped being updated in 2020 or 2021.
    target: "chrome87",
    cssTarget: "chrome87",
    // A data: URL in a style would depend on the policy staying lenient.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: { input: { main: "index.html", docs: "docs.html" } },
    chunkSizeWarningLimit: 1200, // the PDF worker, loaded on its own screen only
  },
  worker: { format: "es" },
  server: {
    proxy: {
      "/api": box,
      "/ws": { target: box.replace(/^http/, "ws"), ws: true },
    },
  },
  test: {
    environment: "jsdom",
    testTimeout: 60_000, // a busy machine is slow, not wrong
    hookTimeout: 60_000,
    include: ["src/**/*.test.{ts,tsx}"],
    setupFiles: ["src/testing/setup.ts"],
    css: { modules: { classNameStrategy: "non-scoped" } },
  },
});
