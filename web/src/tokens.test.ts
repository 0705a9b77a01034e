import { readFileSync } from "node:fs";
import { expect, test } from "vitest";

const css = readFileSync("src/index.css", "utf8");

function tokens(selector: string): Record<string, string> {
  const block = css.slice(css.indexOf(`${selector} {`)).split("}")[0] ?? "";
  return Object.fromEntries([...block.matchAll(/--([\w-]+):\s*(#[0-9a-f]{6})/g)].map((m) => [m[1], m[2]]));
}

function luminance(hex: string): number {
  const [r, g, b] = [1, 3, 5].map((i) => {
    const c = Number.parseInt(hex.slice(i, i + 2), 16) / 255;
    return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
  }) as [number, number, number];
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function contrast(a: string, b: string): number {
  const [hi, lo] = [luminance(a), luminance(b)].sort((x, y) => y - x) as [number, number];
  return (hi + 0.05) / (lo + 0.05);
}

const onTint = ["ok", "key", "plug", "busy", "danger", "cancel"];

// WCAG 2.2, 1.4.3 and 1.4.11.
test.each([":root", '[data-theme="dark"]'])("colours of %s can be told apart", (selector) => {
  const t = tokens(selector);
  const pairs: [string, string, number][] = [
    ...["page", "surface", "sunken"].flatMap((on): [string, string, number][] => [["text", on, 4.5], ["muted", on, 4.5]]),
    ...["page", "surface", "accent-tint"].map((on): [string, string, number] => ["accent", on, 4.5]),
    ["on-accent", "accent", 4.5],
    ["control", "surface", 3],
    ["control", "page", 3],
    ...onTint.flatMap((s): [string, string, number][] => [[s, `${s}-tint`, 4.5], [s, "surface", 4.5], [s, "page", 4.5]]),
  ];
  for (const [a, b, least] of pairs) {
    expect(contrast(t[a] ?? "", t[b] ?? ""), `${a} on ${b}`).toBeGreaterThanOrEqual(least);
  }
});
