import { readFileSync } from "node:fs";
import { expect, test } from "vitest";

interface Entry {
  resolved?: string;
  integrity?: string;
  hasInstallScript?: boolean;
  optionalDependencies?: Record<string, string>;
}

const packages = (JSON.parse(readFileSync("package-lock.json", "utf8")) as { packages: Record<string, Entry> }).packages;

// `npm install` takes a lock without the packages of other platforms; `npm ci` does not.
test("the lock names no addresses, runs nothing and has every platform", () => {
  const wrong: string[] = [];
  for (const [name, entry] of Object.entries(packages)) {
    if (entry.resolved) wrong.push(`${name} names an address`);
    if (entry.hasInstallScript) wrong.push(`${name} runs a script when it is installed`);
    if (name !== "" && !entry.integrity) wrong.push(`${name} has no digest`);
    for (const optional of Object.keys(entry.optionalDependencies ?? {})) {
      if (!packages[`node_modules/${optional}`] && !packages[`${name}/node_modules/${optional}`]) wrong.push(`${optional} is missing`);
    }
  }
  expect(wrong).toEqual([]);
});
