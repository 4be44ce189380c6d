import { fileURLToPath } from "node:url";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** Where `perennial serve` is found while developing; its session cookie travels through the proxy. */
const server = process.env.PERENNIAL_URL ?? "http://127.0.0.1:8420";

export default defineConfig({
  plugins: [react()],
  resolve: { alias: { "@": here("./src") } },
  server: { proxy: { "/api": server, "/enter": server } },
  build: {
    outDir: here("../src/perennial/console/static"),
    emptyOutDir: true,
    // The server's Content-Security-Policy allows no inlined files but styles.
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 1024,
  },
  test: { include: ["tests/**/*.test.ts"], environment: "node" },
});
