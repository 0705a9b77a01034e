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

// What every page behind the login loads anyway is one file: forty small ones compress
// badly, and cost a request each. Nothing of it may be needed by the login page.
const signedIn = [
  /\/src\/shell\/(nav|live)\.tsx$/,
  /\/src\/events\//,
  /\/src\/api\/queries\.ts$/,
  /\/src\/lib\/(format|text|clipboard|use-search-box)\.ts$/,
  /\/src\/ui\/(confirm|copy-button|dialog|search-box|toast)\.tsx$/,
  /\/react-query\/build\/modern\/(useBaseQuery|useInfiniteQuery|useMutation|useQuery|useSuspenseQuery|errorBoundaryUtils|suspense|IsRestoringProvider|QueryErrorResetBoundary)\.js$/,
  /\/query-core\/build\/modern\/(queryObserver|infiniteQueryObserver|mutationObserver)\.js$/,
  // the icons of the navigation
  /\/icons\/(activity|bot|brain-circuit|check|copy|file-cog|flask-conical|key-round|log-out|menu|monitor-smartphone|palette|search|server|shield-check|users|x)\.m?js$/,
];

const backend = process.env.PATCHBAY_URL ?? "http://127.0.0.1:3080";

export default defineConfig({
  base: "./", // scripts and styles find each other wherever the page is served
  plugins: [react(), tailwindcss(), placeholders()],
  build: {
    manifest: true, target: "es2022", assetsInlineLimit: 0, modulePreload: { polyfill: false },
    rolldownOptions: { output: { codeSplitting: { includeDependenciesRecursively: false, groups: [{ name: "signed-in", test: (id) => signedIn.some((part) => part.test(id)) }] } } },
  },
  // `npm run dev` serves the sources, and asks a running patchbay for everything else.
  server: { port: 5173, strictPort: true, proxy: { "/api": { target: backend, changeOrigin: false } } },
  test: { include: ["src/**/*.test.{ts,tsx}"], testTimeout: 30_000 },
});
