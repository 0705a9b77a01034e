// Holds what a browser loads before a page shows against its budget: the page's own script
// and everything it imports, compressed as it is sent.
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";

const dist = join(dirname(dirname(fileURLToPath(import.meta.url))), "dist");
const manifest = JSON.parse(readFileSync(join(dist, ".vite", "manifest.json"), "utf8"));
const size = (file) => gzipSync(readFileSync(join(dist, file)), { level: 9 }).length;

function closure(keys, seen = new Set()) {
  for (const key of keys) {
    if (seen.has(key)) continue;
    seen.add(key);
    closure(manifest[key].imports ?? [], seen);
  }
  return seen;
}

const entry = "index.html";
const shell = "src/shell/shell.tsx";
// Kilobytes of compressed script; what a page loads once one opens it counts for itself.
const pages = [
  ["login", [entry], 115],
  ["chat", [entry, shell, "src/chat/page.tsx", "src/chat/rail/rail.tsx"], 210],
  ["servers", [entry, shell, "src/servers/list-page.tsx"], 140],
  ["server", [entry, shell, "src/servers/server-page.tsx"], 140],
  ["server-form", [entry, shell, "src/servers/form/form-page.tsx"], 145],
  ["server-share", [entry, shell, "src/servers/share/share-page.tsx"], 135],
  ["groups", [entry, shell, "src/admin/groups.tsx"], 130],
  ["people", [entry, shell, "src/admin/people.tsx"], 130],
  ["configuration", [entry, shell, "src/admin/configuration.tsx"], 130],
  ["playground", [entry, shell, "src/playground/page.tsx"], 170],
];

let over = false;
const report = (name, bytes, budget) => {
  over ||= bytes > budget * 1000;
  console.log(`${name.padEnd(14)} ${(bytes / 1000).toFixed(1).padStart(6)} KB of ${budget}${bytes > budget * 1000 ? "  OVER" : ""}`);
};
for (const [name, keys, budget] of pages) {
  report(name, [...closure(keys)].reduce((sum, key) => sum + size(manifest[key].file), 0), budget);
}
const styles = new Set(Object.values(manifest).flatMap((m) => m.css ?? []));
report("css", [...styles].reduce((sum, file) => sum + size(file), 0), 15);
const first = closure([entry]);
for (const [key, m] of Object.entries(manifest)) {
  if (!first.has(key) && m.file.endsWith(".js") && size(m.file) > 60_000) report(key, size(m.file), 60);
}
if (over) {
  console.error("more than a page may load; see docs/ui.md");
  process.exit(1);
}
