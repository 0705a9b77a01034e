import { expect, test } from "vitest";
import { isRecord, parse, Raw, write } from "./json";

test("numbers keep their digits", () => {
  for (const text of ["9007199254740993", "-0", "1e400", "0.1000"]) {
    expect(write({ n: new Raw(text) })).toBe(`{"n":${text}}`);
  }
});

test("what is read is written again", () => {
  const text = '{"a":[1,-2.5,"x",null,true,{}],"b":{"c":[]},"d":"é\\n\\u0000"}';
  expect(write(parse(text))).toBe(text);
  expect(JSON.parse(write(parse(text), 2))).toEqual(JSON.parse(text));
});

test("what is half typed does not break the rest", () => {
  expect(write({ n: new Raw("12."), m: undefined, o: new Raw("[1,") })).toBe('{"n":"12.","o":"[1,"}');
});

test("a member called __proto__ is a member", () => {
  const value = parse('{"__proto__":{"x":1}}');
  expect(isRecord(value) && write(value)).toBe('{"__proto__":{"x":1}}');
});
