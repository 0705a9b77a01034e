// What the form knows of JSON Schema. What it does not know becomes a field for JSON.
import { from, isRecord, Raw, type Value, write } from "../lib/json";

export interface Schema {
  $ref?: string;
  type?: string | string[];
  title?: string;
  description?: string;
  default?: unknown;
  examples?: unknown[];
  enum?: unknown[];
  enumNames?: string[];
  const?: unknown;
  oneOf?: Schema[];
  anyOf?: Schema[];
  allOf?: Schema[];
  properties?: Record<string, Schema>;
  required?: string[];
  items?: Schema;
  format?: string;
  pattern?: string;
  minimum?: number;
  maximum?: number;
  exclusiveMinimum?: number;
  exclusiveMaximum?: number;
  minLength?: number;
  maxLength?: number;
  minItems?: number;
  maxItems?: number;
  writeOnly?: boolean;
}

export type Kind = "text" | "number" | "boolean" | "choice" | "choices" | "object" | "list" | "json";

const deepest = 5; // levels of fields; below, JSON
const mostFields = 200;

/** asSchema takes what a server calls a schema. */
export function asSchema(value: unknown): Schema {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Schema) : {};
}

/** resolve follows references inside root, and takes `X or null` for X. */
export function resolve(schema: Schema, root: Schema, hops = 0): Schema {
  const s = asSchema(schema);
  if (typeof s.$ref === "string") {
    const target = hops < 8 ? pointer(root, s.$ref) : null;
    if (!target) return { ...s, $ref: undefined, type: undefined };
    const { $ref: _, ...own } = s;
    return resolve({ ...target, ...own }, root, hops + 1);
  }
  const options = s.anyOf ?? s.oneOf;
  if (Array.isArray(options) && s.type === undefined) {
    const real = options.map(asSchema).filter((o) => o.type !== "null");
    if (real.length === 1 && real.length < options.length) {
      const { anyOf: _a, oneOf: _o, ...own } = s;
      return resolve({ ...real[0], ...own }, root, hops + 1);
    }
  }
  return s;
}

function pointer(root: Schema, ref: string): Schema | null {
  if (!ref.startsWith("#")) return null; // nothing is fetched from elsewhere
  let at: unknown = root;
  for (const part of ref.slice(1).split("/").filter(Boolean)) {
    const key = decodeURIComponent(part).replaceAll("~1", "/").replaceAll("~0", "~");
    if (typeof at !== "object" || at === null || !Object.hasOwn(at, key)) return null;
    at = (at as Record<string, unknown>)[key];
  }
  return asSchema(at);
}

function typeOf(s: Schema): string | undefined {
  const types = (Array.isArray(s.type) ? s.type : [s.type]).filter((t) => t !== "null");
  return types.length === 1 ? types[0] : undefined;
}

/** kindOf says which field fits a resolved schema at a depth. */
export function kindOf(s: Schema, root: Schema, depth = 0): Kind {
  if (optionsOf(s)) return "choice";
  const type = typeOf(s) ?? (s.properties ? "object" : undefined);
  if (s.allOf || ((s.anyOf || s.oneOf) && type !== "object")) return "json";
  switch (type) {
    case "string":
      return "text";
    case "number":
    case "integer":
      return "number";
    case "boolean":
      return "boolean";
    case "object":
      return s.properties && !s.anyOf && !s.oneOf && depth < deepest && Object.keys(s.properties).length <= mostFields ? "object" : "json";
    case "array": {
      const item = resolve(asSchema(s.items), root);
      if (optionsOf(item)) return "choices";
      const kind = kindOf(item, root, depth + 1);
      return kind === "json" || depth >= deepest ? "json" : "list";
    }
  }
  return "json";
}

export const isInteger = (s: Schema): boolean => typeOf(s) === "integer";

export interface Option {
  text: string;
  value: Value;
}

/** optionsOf returns the choices of a schema that has them. */
export function optionsOf(s: Schema): Option[] | null {
  if (Array.isArray(s.enum) && s.enum.length > 0) {
    return s.enum.slice(0, 1000).map((v, i) => ({ text: s.enumNames?.[i] ?? optionText(v), value: from(v) }));
  }
  const some = s.oneOf ?? s.anyOf;
  if (Array.isArray(some) && some.length > 0 && some.every((o) => "const" in asSchema(o))) {
    return some.slice(0, 1000).map((o) => ({ text: o.title ?? optionText(o.const), value: from(o.const) }));
  }
  if ("const" in s) return [{ text: optionText(s.const), value: from(s.const) }];
  return null;
}

function optionText(v: unknown): string {
  return typeof v === "string" ? v : JSON.stringify(v);
}

/** initial is what a form begins with: the defaults that the schema gives. */
export function initial(schema: Schema, root: Schema, depth = 0): Value | undefined {
  const s = resolve(schema, root);
  if (s.default !== undefined) return from(s.default);
  if (kindOf(s, root, depth) === "object") {
    const filled: Record<string, Value | undefined> = {};
    const required = new Set(s.required ?? []);
    for (const [name, p] of Object.entries(s.properties ?? {})) {
      const value = initial(p, root, depth + 1);
      // A group that may be left out is, until something is filled in.
      if (value !== undefined && (!isRecord(value) || required.has(name) || Object.values(value).some((v) => v !== undefined))) filled[name] = value;
    }
    return filled;
  }
  if ("const" in s) return from(s.const);
  return undefined;
}

/** same compares two values as JSON. */
export function same(a: Value | undefined, b: Value | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  return write(a) === write(b);
}

export { Raw };
