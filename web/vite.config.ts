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

// Small pieces compress badly: what the login needs comes in one piece, and what stands
// around every page in another. What a piece needs comes with it.
const icons = (...names: string[]) => `lucide-react/dist/esm/icons/(${names.join("|")})\\.`;
const base = new RegExp(
  `vite/preload-helper|node_modules/(react|react-dom|scheduler|use-sync-external-store)/|@tanstack/(?!.*(infinite|mutation|queries))|src/api/(client|errors|keys|me|schema)\\.|src/shell/mark|src/account/use-site\\.|src/lib/(base|cx|theme|use-form|use-title)\\.|src/ui/(button|feedback|field|page)\\.|${icons("eye", "eye-off", "loader-circle", "circle-alert", "info", "triangle-alert")}`,
  "i",
);
const frame = new RegExp(
  `src/(shell/(?!shell\\.|trouble|mark|not-found)|events/|api/(all|routes)\\.|ui/(confirm|copy-button|dialog|leave-dialog|search-box|toast)\\.tsx|lib/(format|text|clipboard|use-search-box))|@tanstack/.*(nfinite|utation)|${icons("search-x", "activity", "bot", "brain-circuit", "flask-conical", "key-round", "monitor-smartphone", "server", "shield-check", "users", "users-round", "file-cog", "log-out", "palette", "menu", "messages-square", "check", "copy", "search", "x", "chevron-down", "settings")}`,
);
const markdown = /node_modules\/(react-markdown|remark|micromark|mdast|unified|vfile)/;

const backend = process.env.PATCHBAY_URL ?? "http://127.0.0.1:3080";

export default defineConfig({
  base: "./", // scripts and styles find each other wherever the page is served
  plugins: [react(), tailwindcss(), placeholders()],
  build: {
    manifest: true, target: "es2022", assetsInlineLimit: 0, modulePreload: { polyfill: false },
    rolldownOptions: { output: { chunkFileNames: "assets/p-[hash].js", codeSplitting: { groups: [{ name: "base", test: base, priority: 2 }, { name: "frame", test: frame, priority: 1 }, { name: "markdown", test: markdown }] } } },
  },
  // `npm run dev` serves the sources, and asks a running patchbay for everything else.
  server: { port: 5173, strictPort: true, proxy: { "/api": { target: backend, changeOrigin: false } } },
  test: { include: ["src/**/*.test.{ts,tsx}"], testTimeout: 30_000 },
});
