// Takes what Vite built to the folder that the binary embeds, with a compressed twin for
// every file that gets smaller by it, so that nothing is compressed while serving.
import { cpSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, extname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

const web = dirname(dirname(fileURLToPath(import.meta.url)));
const from = join(web, "dist");
const to = join(web, "..", "internal", "web", "dist");
const text = new Set([".js", ".css", ".svg", ".json", ".txt"]);
const least = 1024; // below, the twin costs more than it saves

for (const name of readdirSync(to)) {
  if (name !== ".gitkeep") rmSync(join(to, name), { recursive: true });
}
for (const entry of readdirSync(from, { recursive: true, withFileTypes: true })) {
  if (!entry.isFile()) continue;
  const path = join(entry.parentPath, entry.name);
  const name = relative(from, path);
  if (name.startsWith(".vite")) continue; // the manifest is for the budgets, not for browsers
  mkdirSync(dirname(join(to, name)), { recursive: true });
  cpSync(path, join(to, name));
  const data = readFileSync(path);
  if (!text.has(extname(name)) || data.length < least) continue;
  writeFileSync(join(to, `${name}.gz`), gzipSync(data, { level: 9 }));
  const params = { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: data.length };
  writeFileSync(join(to, `${name}.br`), brotliCompressSync(data, { params }));
}
