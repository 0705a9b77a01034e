import { describe, expect, test } from "vitest";
import { parse, Raw, type Value, write } from "../lib/json";
import { initial, kindOf, resolve, type Schema } from "./model";
import { validate } from "./validate";

const kind = (s: Schema) => kindOf(resolve(s, s), s);

describe("fields for schemas", () => {
  test.each<[string, Schema, string]>([
    ["text", { type: "string" }, "text"],
    ["text or null", { type: ["string", "null"] }, "text"],
    ["anyOf with null", { anyOf: [{ type: "integer" }, { type: "null" }] }, "number"],
    ["an enum", { enum: ["a", 1, null] }, "choice"],
    ["titled choices", { oneOf: [{ const: "a", title: "A" }, { const: "b" }] }, "choice"],
    ["several of an enum", { type: "array", items: { enum: ["a", "b"] } }, "choices"],
    ["a list", { type: "array", items: { type: "string" } }, "list"],
    ["a list of anything", { type: "array" }, "json"],
    ["an object without members", { type: "object" }, "json"],
    ["a choice of objects", { anyOf: [{ type: "object" }, { type: "string" }] }, "json"],
    ["several types", { type: ["string", "number"] }, "json"],
    ["nothing said", {}, "json"],
    ["a reference", { $ref: "#/$defs/x", $defs: { x: { type: "boolean" } } } as Schema, "boolean"],
    ["a reference to itself", { $ref: "#" }, "json"],
    ["a reference elsewhere", { $ref: "https://example.com/schema.json" }, "json"],
  ])("%s", (_, schema, want) => expect(kind(schema)).toBe(want));
});

test("a schema that contains itself ends", () => {
  const tree: Schema = { type: "object", properties: { name: { type: "string", default: "x" }, child: { $ref: "#" } } };
  expect(() => initial(tree, tree)).not.toThrow();
});

test("defaults fill the form, and empty groups stay out", () => {
  const s: Schema = { type: "object", properties: { n: { type: "integer", default: 5 }, t: { type: "string" }, group: { type: "object", properties: { a: { type: "string" } } } } };
  expect(write(initial(s, s) ?? null)).toBe('{"n":5}');
});

describe("what is wrong", () => {
  const s: Schema = {
    type: "object",
    required: ["name", "n"],
    properties: {
      name: { type: "string", minLength: 2, maxLength: 4 },
      n: { type: "integer", minimum: 1, exclusiveMaximum: 10 },
      colour: { enum: ["red", "blue"] },
      tags: { type: "array", items: { type: "number" }, maxItems: 2 },
      slow: { type: "string", pattern: "^(a+)+$" },
      any: {},
    },
  };
  const ok = { name: "abc", n: new Raw("3") };
  test.each<[string, Value, string[]]>([
    ["nothing", ok, []],
    ["missing", {}, ["name: Fill this in.", "n: Fill this in."]],
    ["too short", { ...ok, name: "🙂" }, ["name: Needs at least 2 characters."]],
    ["no number", { ...ok, n: new Raw("1e") }, ["n: Must be a whole number."]],
    ["a fraction", { ...ok, n: new Raw("1.5") }, ["n: Must be a whole number."]],
    ["too small", { ...ok, n: new Raw("0") }, ["n: Must be at least 1."]],
    ["too large", { ...ok, n: new Raw("10") }, ["n: Must be less than 10."]],
    ["none of the choices", { ...ok, colour: "green" }, ["colour: Choose one of the list."]],
    ["in a list", { ...ok, tags: [new Raw("1"), "x"] }, ["tags.1: Must be a number."]],
    ["a list too long", { ...ok, tags: parse("[1,2,3]") }, ["tags: Takes at most 2 entries."]],
    ["half-typed JSON", { ...ok, any: new Raw("{") }, ["any: This is not valid JSON."]],
    ["patterns are not run", { ...ok, slow: `${"a".repeat(100)}!` }, []],
  ])("%s", (_, value, want) => {
    expect(validate(s, s, value).map((w) => `${w.path}: ${w.message}`)).toEqual(want);
  });
});
