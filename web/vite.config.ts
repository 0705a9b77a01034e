import tailwindcss from "@tailwindcss/vite";
import react from "@vitejs/plugin-react";
import type { Plugin } from "vite";
import { defineConfig } from "vitest/config";

// The binary puts the path of DOMAIN_SERVER and a nonce into the page; the development
// server has neither.
function placeholders(): Plugin {
  let serving = false;
  return {
    name: "placeholders",
    configResolved(config) {
      serving = config.command === "serve";
    },
    transformIndexHtml: {
      order: "post",
      handler(html) {
        if (serving) return html.replaceAll("{{base}}", "").replaceAll("{{nonce}}", "");
        return html.replaceAll('="./', '="{{base}}/');
      },
    },
  };
}

const backend = process.env.PATCHBAY_URL ?? "http://127.0.0.1:3080";

export default defineConfig({
  base: "./", // scripts and styles find each other wherever the page is served
  plugins: [react(), tailwindcss(), placeholders()],
  build: { manifest: true, target: "es2022", assetsInlineLimit: 0, modulePreload: { polyfill: false } },
  // `npm run dev` serves the sources, and asks a running patchbay for everything else.
  server: { port: 5173, strictPort: true, proxy: { "/api": { target: backend, changeOrigin: false } } },
  test: { include: ["src/**/*.test.{ts,tsx}"] },
});
