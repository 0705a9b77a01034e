// JSON that keeps numbers as they are written: a tool may want 9007199254740993 and get it.

/** Raw is a piece of JSON as text: a number, or what a person types as JSON. */
export class Raw {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

export type Value = string | boolean | null | Raw | Value[] | { [key: string]: Value | undefined };

export function isRecord(v: unknown): v is Record<string, Value | undefined> {
  return typeof v === "object" && v !== null && !Array.isArray(v) && !(v instanceof Raw);
}

export const numberText = /^-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?$/;

type Reviver = (this: unknown, key: string, value: unknown, context?: { source?: string }) => unknown;

const keep: Reviver = (_key, value, context) => (typeof value === "number" ? new Raw(context?.source ?? String(value)) : value);

/** parse reads JSON with numbers as Raw. It throws a SyntaxError. */
export function parse(text: string): Value {
  return JSON.parse(text, keep as (key: string, value: unknown) => unknown) as Value;
}

/** from takes a decoded JSON value, as a schema's default is. */
export function from(value: unknown): Value {
  if (typeof value === "number") return new Raw(String(value));
  if (Array.isArray(value)) return value.map(from);
  if (typeof value === "object" && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([k, v]) => [k, from(v)]));
  }
  return value as Value;
}

/** write renders a value; what is undefined is left out. A Raw that is no JSON becomes a string. */
export function write(value: Value, indent = 0, depth = 0): string {
  if (value instanceof Raw) return isJSON(value.text) ? value.text.trim() : JSON.stringify(value.text);
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const pad = indent > 0 ? `\n${" ".repeat(indent * (depth + 1))}` : "";
  const end = indent > 0 ? `\n${" ".repeat(indent * depth)}` : "";
  const items = Array.isArray(value)
    ? value.map((v) => pad + write(v, indent, depth + 1))
    : Object.entries(value)
        .filter((e): e is [string, Value] => e[1] !== undefined)
        .map(([k, v]) => `${pad}${JSON.stringify(k)}:${indent > 0 ? " " : ""}${write(v, indent, depth + 1)}`);
  const [open, close] = Array.isArray(value) ? ["[", "]"] : ["{", "}"];
  return items.length === 0 ? open + close : open + items.join(",") + end + close;
}

export function isJSON(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
