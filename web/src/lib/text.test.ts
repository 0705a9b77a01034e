import { describe, expect, test } from "vitest";
import { initials, label, linked, visible, webURL } from "./text";

describe("visible", () => {
  test.each([
    ["turned text", "abc\u202Egpj.exe", "abc‹U+202E›gpj.exe"],
    ["hidden letters", "pay\u200Bpal", "pay‹U+200B›pal"],
    ["tags", "hi\u{E0041}", "hi‹U+E0041›"],
    ["control characters", "a\u0007b", "a‹U+0007›b"],
    ["lines and tabs stay", "a\n\tb", "a\n\tb"],
    ["a family stays one", "👩\u200D👧", "👩\u200D👧"],
    ["right-to-left scripts stay", "שלום", "שלום"],
  ])("%s", (_, text, want) => expect(visible(text)).toBe(want));
});

test("a label is one line and not endless", () => {
  expect(label("a\n\n  b")).toBe("a b");
  expect(label("x".repeat(10_000_000), 10)).toBe(`${"x".repeat(10)}…`);
});

describe("linked", () => {
  test.each([
    ["plain", "a &amp; b &lt;b&gt;", [{ text: "a & b <b>" }]],
    ["a link", 'see <a href="https://example.com/x">it</a>.', [{ text: "see " }, { text: "it", href: "https://example.com/x" }, { text: "." }]],
    ["other quotes, other attributes", "<a class=x href='http://e.org' onclick=alert(1)>e</a>", [{ text: "e", href: "http://e.org/" }]],
    ["a script is text", "<script>alert(1)</script>", [{ text: "<script>alert(1)</script>" }]],
    ["javascript: is no link", '<a href="javascript:alert(1)">x</a>', [{ text: "x" }]],
    ["nor behind an entity", '<a href="java&#115;cript:alert(1)">x</a>', [{ text: "x" }]],
    ["nor data:", '<a href="data:text/html,x">x</a>', [{ text: "x" }]],
    ["an image is text", '<img src=x onerror="alert(1)">', [{ text: '<img src=x onerror="alert(1)">' }]],
  ])("%s", (_, text, want) => expect(linked(text)).toEqual(want));
});

test("only addresses of the web are links, and none with a name in front of the host", () => {
  expect(webURL("https://example.com/a b")).toBe("https://example.com/a%20b");
  for (const bad of ["javascript:alert(1)", "//example.com", "https://bank.example@evil.example/", "file:///etc/passwd", ""]) {
    expect(webURL(bad), bad).toBeNull();
  }
});

test("initials", () => {
  expect([initials("Demo tools"), initials("github"), initials(""), initials("🙂 smile")]).toEqual(["DT", "GI", "?", "🙂S"]);
});
