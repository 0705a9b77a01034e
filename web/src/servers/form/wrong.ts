// What is wrong with a definition, by the field of the form.
import type { FieldError } from "../../api/schema";
import { type Draft, isRemote, nameOf } from "./draft";

/** Wrong says of fields what is wrong with them; those of lists are called `headers.NAME`. */
export type Wrong = Record<string, string>;

const fields: Record<string, string> = {
  iconPath: "icon", serverInstructions: "instructionsText",
  "apiKey.key": "key", "apiKey.custom_header": "keyHeader", apiKey: "key",
  "oauth.client_id": "clientId", "oauth.client_secret": "clientSecret", "oauth.scope": "scope", "oauth.authorization_url": "authorizeURL", "oauth.token_url": "tokenURL", oauth: "clientId",
};
const direct = new Set(["url", "command", "args", "type", "name", "title", "description", "timeout", "initTimeout"]);

/** fieldOf names the field that a path of the API speaks of; empty when the form has none. */
export function fieldOf(path: string): string {
  const at = path.replace(/^body\.(config\.)?/, "");
  if (direct.has(at)) return at;
  const known = fields[at];
  if (known) return known;
  const list = /^(headers|env|customUserVars)\.(.+)$/s.exec(at);
  if (list) return `${list[1] === "customUserVars" ? "variables" : list[1]}.${list[2]?.replace(/\.(title|description|sensitive)$/, "")}`;
  return /^args\b/.test(at) ? "args" : "";
}

const sentence = (text: string): string => `${text[0]?.toUpperCase() ?? ""}${text.slice(1)}${/[.!?]$/.test(text) ? "" : "."}`;

/** spread puts what the API found to the fields; what has no field is left over. */
export function spread(found: FieldError[]): { wrong: Wrong; rest: string[] } {
  const wrong: Wrong = {};
  const rest: string[] = [];
  for (const f of found) {
    const field = fieldOf(f.path);
    if (field) wrong[field] ??= sentence(f.message);
    else rest.push(`${f.path.replace(/^body\.?/, "")} ${f.message}`.trim());
  }
  return { wrong, rest };
}

/** wrongWith is what can be said before asking. */
export function wrongWith(d: Draft, before: Draft | undefined): Wrong {
  const wrong: Wrong = {};
  if (isRemote(d)) {
    const schemes = d.type === "websocket" ? "ws:// or wss://" : "http:// or https://";
    if (d.url.trim() === "") wrong.url = "Give the address of the server.";
    else if (!(d.type === "websocket" ? /^wss?:\/\/[^/]/i : /^https?:\/\/[^/]/i).test(d.url.trim())) wrong.url = `The address begins with ${schemes}.`;
    else if (before && d.url !== before.url && /=set(&|$)|\/\/set@/.test(d.url)) wrong.url = "A part of the old address is hidden and reads “set”. Write the whole address anew.";
    for (const h of d.headers) if (h.name.trim() === "" && h.value !== "") wrong["headers."] = "Give the header a name.";
    if (d.auth === "key" && d.keyOf === "all" && d.key === "" && !d.keyKept) wrong.key = "Give the key, or let each person give their own.";
  } else if (d.command.trim() === "") wrong.command = "Give the program to start.";
  if (d.title.trim() === "" && d.name.trim() === "") wrong.title = "Give it a title.";
  else if (!before && nameOf(d) === "") wrong.name = "No name can be made of the title: give one of a-z, 0-9 and -.";
  else if (!before && nameOf(d) === "new") wrong.name = "This word is a page of the UI: choose another.";
  for (const key of ["timeout", "initTimeout"] as const) {
    const text = d[key].trim();
    const n = Number(text);
    if (text !== "" && !(n >= 0.001 && n <= 86_400)) wrong[key] = "Must be seconds, up to 86400 (a day).";
  }
  for (const v of d.variables) if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(v.name.trim())) wrong[`variables.${v.name}`] = "Must be letters, digits and _, not beginning with a digit.";
  return wrong;
}
