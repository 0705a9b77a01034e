import { describe, expect, test } from "vitest";
import { definitionsOf, mend, split, Splitter } from "./blocks";

const long = Array.from({ length: 300 }, (_, i) => `${i + 1}. entry ${i} of a list that goes on and on`).join("\n");
const texts: Record<string, string> = {
  prose: "One.\n\nTwo\nstill two.\n\n\nThree.",
  fence: "Before\n\n```ts\nconst a = 1;\n\nconst b = 2;\n```\n\nAfter ``` not a fence\n\n~~~~\n```\n~~~\n\n~~~~\nend",
  list: "- a\n\n- b\n\n  more of b\n\n1. x\n2. y\n\nOut of it\n\n* * *\n\n    code",
  "fence in a list": "1. first\n\n   ```sh\n   ls\n\n   pwd\n   ```\n\n2. second\n\nend",
  open: "```\nnever\n\nclosed",
  windows: "a\r\n\r\nb\r\n",
  table: "| a | b |\n|---|---|\n| 1 | 2 |\n\ntext",
  long,
};

describe("a text that grows is split like a whole one", () => {
  test.each(Object.entries(texts))("%s", (_, text) => {
    const growing = new Splitter();
    const step = text.length > 2000 ? 7 : 1;
    for (let i = 0; i <= text.length; i += step) {
      const part = text.slice(0, i);
      expect(growing.blocks(part), `at ${i}`).toEqual(new Splitter().blocks(part));
    }
    expect(new Splitter().blocks(text).join("").replaceAll(/\s/g, "")).toBe(text.replaceAll(/\s/g, ""));
  });
});

test("blocks", () => {
  expect(split(texts.fence ?? "").map((b) => b.trim())).toEqual(["Before", "```ts\nconst a = 1;\n\nconst b = 2;\n```", "After ``` not a fence", "~~~~\n```\n~~~\n\n~~~~\nend"]);
  expect(split(texts.list ?? "").length).toBe(4);
  expect(split(texts["fence in a list"] ?? "").length).toBe(2);
  expect(split(long).length).toBeGreaterThan(2);
});

test("finished blocks stay the same", () => {
  const text = texts.fence ?? "";
  const growing = new Splitter();
  let before: string[] = [];
  for (let i = 0; i <= text.length; i++) {
    const now = growing.blocks(text.slice(0, i));
    for (const [k, b] of before.slice(0, -1).entries()) expect(now[k]?.trimEnd()).toBe(b.trimEnd());
    before = now;
  }
});

test("a text that is another one is split anew", () => {
  const s = new Splitter();
  s.blocks("a\n\nb");
  expect(s.blocks("x")).toEqual(["x"]);
});

test("targets named elsewhere, and notes", () => {
  expect(definitionsOf(["see [x]", "[x]: https://example.com\n[y]: <z>"])).toBe("[x]: https://example.com\n[y]: <z>");
  expect(split("a[^1]\n\nb\n\n[^1]: note")).toHaveLength(1);
});

test.each([
  ["a **bold", "a **bold**"],
  ["a **bold** b", "a **bold** b"],
  ["run `ls", "run `ls`"],
  ["see [the page](https://exa", "see the page"],
  ["see [the pa", "see the pa"],
  ["an ![image](x", "an image"],
  ["```ts\nconst a = `x", "```ts\nconst a = `x"],
  ["2 ** ", "2 ** "],
])("the end of %j is mended", (text, want) => expect(mend(text)).toBe(want));
