// A server while its definition is edited: text as it is typed, so that nothing is lost on
// the way. Secrets are not in it: of one that is set, only that it is.
import type { ServerView, UserVar } from "../../api/schema";

export type Kind = ServerView["type"];

/** Pair is a header or a variable of a program. */
export interface Pair {
  name: string;
  value: string;
  /** kept is the name under which a secret is set; it stays while the name does and nothing is typed. */
  kept: string;
  /** plain values may be read by who looks over the shoulder: placeholders and the like. */
  plain: boolean;
}

export interface Variable {
  name: string;
  title: string;
  description: string;
  sensitive: boolean;
}

export interface Draft {
  type: Kind;
  url: string;
  command: string;
  args: string; // one on a line
  env: Pair[];
  headers: Pair[];
  auth: "none" | "key" | "oauth";
  keyOf: "all" | "each";
  keyAs: "bearer" | "basic" | "custom";
  keyHeader: string;
  key: string;
  keyKept: boolean;
  clientId: string;
  clientSecret: string;
  secretKept: boolean;
  scope: string;
  authorizeURL: string;
  tokenURL: string;
  name: string; // empty: made from the title
  title: string;
  description: string;
  icon: string;
  iconKept: boolean;
  instructions: "none" | "server" | "text";
  instructionsText: string;
  timeout: string; // seconds
  initTimeout: string;
  chatMenu: boolean;
  variables: Variable[];
}

export const blank: Draft = {
  type: "streamable-http", url: "", command: "", args: "", env: [], headers: [],
  auth: "none", keyOf: "all", keyAs: "bearer", keyHeader: "", key: "", keyKept: false,
  clientId: "", clientSecret: "", secretKept: false, scope: "", authorizeURL: "", tokenURL: "",
  name: "", title: "", description: "", icon: "", iconKept: false,
  instructions: "none", instructionsText: "", timeout: "", initTimeout: "", chatMenu: true, variables: [],
};

/** set is what the API writes in the place of a secret that is there. */
export const set = "set";

/** ownKey is the variable in which each person gives their key (`apiKey.source: user`). */
const ownKey = "MCP_API_KEY";

const seconds = (ms: number | undefined): string => (ms ? String(ms / 1000) : "");

const pairsOf = (map: Record<string, string> | undefined): Pair[] =>
  Object.entries(map ?? {}).map(([name, value]) => (value === set ? { name, value: "", kept: name, plain: false } : { name, value, kept: "", plain: true }));

const variableOf = (name: string, v: string | UserVar): Variable =>
  typeof v === "string" ? { name, title: v, description: "", sensitive: true } : { name, title: v.title, description: v.description, sensitive: v.sensitive };

/** draftOf is the definition that somebody with EDIT sees. */
export function draftOf(s: ServerView): Draft {
  const { apiKey, oauth, serverInstructions: said } = s;
  return {
    ...blank,
    type: s.type,
    url: s.url ?? "",
    command: s.command ?? "",
    args: (s.args ?? []).join("\n"),
    env: pairsOf(s.env),
    headers: pairsOf(s.headers),
    auth: apiKey ? "key" : oauth || s.requiresOAuth ? "oauth" : "none",
    keyOf: apiKey?.source === "user" ? "each" : "all",
    keyAs: apiKey?.authorization_type === "basic" || apiKey?.authorization_type === "custom" ? apiKey.authorization_type : "bearer",
    keyHeader: apiKey?.custom_header ?? "",
    key: apiKey?.key === set ? "" : (apiKey?.key ?? ""),
    keyKept: apiKey?.key === set,
    clientId: oauth?.client_id ?? "",
    clientSecret: oauth?.client_secret === set ? "" : (oauth?.client_secret ?? ""),
    secretKept: oauth?.client_secret === set,
    scope: oauth?.scope ?? "",
    authorizeURL: oauth?.authorization_url ?? "",
    tokenURL: oauth?.token_url ?? "",
    name: s.name,
    title: s.title,
    description: s.description,
    iconKept: s.icon !== null,
    instructions: said === true ? "server" : typeof said === "string" && said !== "" ? "text" : "none",
    instructionsText: typeof said === "string" ? said : "",
    timeout: seconds(s.timeout),
    initTimeout: seconds(s.initTimeout),
    chatMenu: s.chatMenu,
    variables: Object.entries(s.customUserVars ?? {})
      .filter(([name]) => !(name === ownKey && apiKey?.source === "user"))
      .map(([name, v]) => variableOf(name, v)),
  };
}

export const isRemote = (d: Draft): boolean => d.type !== "stdio";

/** slug makes a name of a title, as the API does. */
export function slug(title: string): string {
  const plain = title.toLowerCase().normalize("NFKD").replaceAll(/[\s_./]+/g, "-").replaceAll(/[^a-z0-9-]/g, "");
  return plain.split("-").filter(Boolean).join("-").slice(0, 56).replace(/-$/, "");
}

/** nameOf is the name that the server has in addresses. */
export const nameOf = (d: Draft): string => d.name.trim() || slug(d.title);

const isKept = (p: Pair): boolean => p.kept !== "" && p.kept === p.name && p.value === "";

const mapOf = (pairs: Pair[]) => Object.fromEntries(pairs.filter((p) => p.name.trim() !== "").map((p) => [p.name.trim(), isKept(p) ? set : p.value]));

const empty = (map: object) => Object.keys(map).length === 0;
const ms = (text: string) => (text.trim() === "" ? undefined : Math.round(Number(text.trim()) * 1000));

export type Body = Record<string, unknown>;

function authOf(d: Draft): Body {
  if (d.auth === "key" && isRemote(d)) {
    return {
      apiKey: {
        source: d.keyOf === "each" ? "user" : "admin",
        authorization_type: d.keyAs,
        custom_header: d.keyAs === "custom" ? d.keyHeader.trim() || undefined : undefined,
        key: d.keyOf === "each" ? undefined : d.key || (d.keyKept ? set : undefined),
      },
    };
  }
  if (d.auth !== "oauth") return {};
  const oauth = {
    client_id: d.clientId.trim() || undefined,
    client_secret: d.clientSecret || (d.secretKept ? set : undefined),
    scope: d.scope.trim() || undefined,
    authorization_url: d.authorizeURL.trim() || undefined,
    token_url: d.tokenURL.trim() || undefined,
  };
  return Object.values(oauth).some((v) => v !== undefined) ? { requiresOAuth: true, oauth } : { requiresOAuth: true };
}

/** bodyOf is the definition as the API takes it. What is kept reads “set”. */
export function bodyOf(d: Draft): Body {
  const headers = mapOf(d.headers);
  const env = mapOf(d.env);
  const variables = Object.fromEntries(d.variables.filter((v) => v.name.trim() !== "").map((v) => [v.name.trim(), { title: v.title.trim() || v.name.trim(), description: v.description.trim(), sensitive: v.sensitive }]));
  const args = d.args.split("\n").filter((a) => a !== "");
  const where = isRemote(d)
    ? { url: d.url.trim(), headers: empty(headers) ? undefined : headers }
    : { command: d.command.trim(), args: args.length > 0 ? args : undefined, env: empty(env) ? undefined : env };
  return {
    name: nameOf(d),
    title: d.title.trim() || undefined,
    description: d.description.trim() || undefined,
    type: d.type,
    ...where,
    ...authOf(d),
    iconPath: d.icon.trim() || (d.iconKept ? set : undefined),
    serverInstructions: d.instructions === "server" ? true : d.instructions === "text" ? d.instructionsText.trim() || undefined : undefined,
    timeout: ms(d.timeout),
    initTimeout: ms(d.initTimeout),
    chatMenu: d.chatMenu ? undefined : false,
    customUserVars: empty(variables) ? undefined : variables,
  };
}

const isBody = (v: unknown): v is Body => typeof v === "object" && v !== null && !Array.isArray(v);

/** patchOf is what must be sent so that before becomes after: only what differs, null for what went. */
export function patchOf(before: Body, after: Body): Body {
  const patch: Body = {};
  for (const key of new Set([...Object.keys(before), ...Object.keys(after)])) {
    const [old, now] = [before[key], after[key]];
    if (JSON.stringify(old) === JSON.stringify(now)) continue;
    if (now === undefined) patch[key] = null;
    else patch[key] = isBody(old) && isBody(now) ? patchOf(old, now) : now;
  }
  return patch;
}

export const same = (a: Draft, b: Draft): boolean => JSON.stringify(a) === JSON.stringify(b);

const names = (v: unknown): string[] => (isBody(v) ? Object.keys(v).sort() : []);

// destination is what says where the secrets of a definition go.
function destination(d: Draft): string {
  const b = bodyOf(d);
  const oauth = isBody(b.oauth) ? b.oauth : {};
  const key = isBody(b.apiKey) ? b.apiKey : {};
  return JSON.stringify([b.type, b.url, b.command, b.args, names(b.headers), oauth.authorization_url, oauth.token_url, oauth.client_id, key.authorization_type, key.custom_header]);
}

/** forgotten lists, when the destination changes, the secrets that go unless they are typed again; null when it does not. */
export function forgotten(before: Draft, now: Draft): string[] | null {
  if (destination(before) === destination(now)) return null;
  const gone = (isRemote(now) ? now.headers : now.env).filter(isKept).map((p) => p.name);
  if (now.auth === "key" && now.keyOf === "all" && now.keyKept && now.key === "") gone.push("the API key");
  if (now.auth === "oauth" && now.secretKept && now.clientSecret === "") gone.push("the client secret");
  return gone;
}

/** hasKept reports whether the draft leans on secrets that only the API knows. */
export const hasKept = (d: Draft): boolean => d.keyKept || d.secretKept || d.headers.some(isKept) || d.env.some(isKept);
