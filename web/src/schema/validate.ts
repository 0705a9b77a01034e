import { isJSON, isRecord, numberText, Raw, type Value } from "../lib/json";
import { isInteger, kindOf, optionsOf, resolve, same, type Schema } from "./model";

/** Wrong is one thing that is wrong with a value; path names the field. */
export interface Wrong {
  path: string;
  message: string;
}

const most = 50;

/** validate says what a server would refuse. Patterns of servers are not run: they may never end. */
export function validate(schema: Schema, root: Schema, value: Value | undefined, path = "", required = true): Wrong[] {
  const found: Wrong[] = [];
  check(schema, root, value, path, required, 0, found);
  return found;
}

export function join(path: string, part: string | number): string {
  return path === "" ? String(part) : `${path}.${part}`;
}

function check(schema: Schema, root: Schema, value: Value | undefined, path: string, required: boolean, depth: number, found: Wrong[]): void {
  if (found.length >= most) return;
  const s = resolve(schema, root);
  const say = (message: string) => found.push({ path, message });
  if (value === undefined || (value instanceof Raw && value.text.trim() === "")) {
    if (required) say("Fill this in.");
    return;
  }
  if (value === null) return;
  switch (kindOf(s, root, depth)) {
    case "choice":
      if (!optionsOf(s)?.some((o) => same(o.value, value))) say("Choose one of the list.");
      return;
    case "text":
      if (typeof value !== "string") say("Must be text.");
      else lengths(s, [...value].length, "character", say);
      return;
    case "number":
      return number(s, value, say);
    case "boolean":
      if (typeof value !== "boolean") say("Must be true or false.");
      return;
    case "object":
      if (!isRecord(value)) return void say("Must be an object.");
      for (const [name, p] of Object.entries(s.properties ?? {})) {
        check(p, root, value[name], join(path, name), s.required?.includes(name) ?? false, depth + 1, found);
      }
      return;
    case "list":
    case "choices":
      if (!Array.isArray(value)) return void say("Must be a list.");
      items(s, value.length, say);
      value.forEach((v, i) => check(s.items ?? {}, root, v, join(path, i), true, depth + 1, found));
      return;
    case "json":
      if (value instanceof Raw && !isJSON(value.text)) say("This is not valid JSON.");
  }
}

function lengths(s: Schema, n: number, what: string, say: (m: string) => void): void {
  if (s.minLength !== undefined && n < s.minLength) say(`Needs at least ${s.minLength} ${what}${s.minLength === 1 ? "" : "s"}.`);
  if (s.maxLength !== undefined && n > s.maxLength) say(`Takes at most ${s.maxLength} ${what}s; this has ${n}.`);
}

function items(s: Schema, n: number, say: (m: string) => void): void {
  if (s.minItems !== undefined && n < s.minItems) say(`Needs at least ${s.minItems} ${s.minItems === 1 ? "entry" : "entries"}.`);
  if (s.maxItems !== undefined && n > s.maxItems) say(`Takes at most ${s.maxItems} entries.`);
}

function number(s: Schema, value: Value, say: (m: string) => void): void {
  if (!(value instanceof Raw) || !numberText.test(value.text.trim())) return say(isInteger(s) ? "Must be a whole number." : "Must be a number.");
  const n = Number(value.text);
  if (isInteger(s) && !Number.isInteger(n)) return say("Must be a whole number.");
  if (s.minimum !== undefined && n < s.minimum) say(`Must be at least ${s.minimum}.`);
  if (s.maximum !== undefined && n > s.maximum) say(`Must be at most ${s.maximum}.`);
  if (s.exclusiveMinimum !== undefined && n <= s.exclusiveMinimum) say(`Must be more than ${s.exclusiveMinimum}.`);
  if (s.exclusiveMaximum !== undefined && n >= s.exclusiveMaximum) say(`Must be less than ${s.exclusiveMaximum}.`);
}
