// Reads a block of servers as other programs write it: `mcpServers` of Claude and Cursor,
// `servers` with `inputs` of VS Code, or one definition alone.
import { blank, type Draft, type Pair, type Variable } from "./draft";

export interface Pasted {
  name: string;
  draft: Draft;
}

type Thing = Record<string, unknown>;
const isThing = (v: unknown): v is Thing => typeof v === "object" && v !== null && !Array.isArray(v);
const text = (v: unknown): string => (typeof v === "string" ? v : typeof v === "number" || typeof v === "boolean" ? String(v) : "");
const texts = (v: unknown): string[] => (Array.isArray(v) ? v.map(text) : []);

const isServer = (v: unknown): v is Thing => isThing(v) && ["url", "serverUrl", "httpUrl", "command"].some((k) => typeof v[k] === "string");

function blocksOf(all: Thing): [string, Thing][] {
  const inner = [all.mcpServers, all.servers, isThing(all.mcp) ? all.mcp.servers : undefined].find(isThing);
  const within = inner ?? (isServer(all) ? { [text(all.name)]: all } : all);
  return Object.entries(within).filter((e): e is [string, Thing] => isServer(e[1]));
}

const variableName = (id: string): string => id.replaceAll(/[^A-Za-z0-9_]+/g, "_").replace(/^(\d)/, "_$1").toUpperCase();

// What a block asks of the person who pastes it, each person gives here for themselves.
function personal(value: string, found: Map<string, Variable>, inputs: Thing[]): string {
  return value.replaceAll(/\$\{(input:|env:)?([^}:]+)\}/g, (_, kind: string | undefined, id: string) => {
    const input = kind === "input:" ? inputs.find((i) => i.id === id) : undefined;
    const name = kind === "input:" ? variableName(id) : variableName(id) === id.toUpperCase() ? id : variableName(id);
    if (!found.has(name)) found.set(name, { name, title: text(input?.description) || id, description: "", sensitive: input ? input.password === true : true });
    return `{{${name}}}`;
  });
}

const pairs = (v: unknown, read: (value: string) => string): Pair[] =>
  Object.entries(isThing(v) ? v : {}).map(([name, value]) => {
    const read1 = read(text(value));
    return { name, value: read1, kept: "", plain: read1.includes("{{") };
  });

// bridge finds the address behind a local program whose only work is to reach it.
function bridge(command: string, args: string[]): { url: string; headers: Thing } | null {
  if (!/(^|\/)(npx|bunx|mcp-remote)$/.test(command)) return null;
  if (!command.endsWith("mcp-remote") && !args.some((a) => /^mcp-remote(@|$)/.test(a))) return null;
  const url = args.find((a) => /^https?:\/\//.test(a));
  if (!url) return null;
  const headers: Thing = {};
  args.forEach((a, i) => {
    const [name, ...rest] = (a === "--header" ? (args[i + 1] ?? "") : "").split(":");
    if (name && rest.length > 0) headers[name.trim()] = rest.join(":").trim();
  });
  return { url, headers };
}

function typeOf(server: Thing, url: string): Draft["type"] {
  const said = text(server.type) || text(server.transport);
  if (said === "sse" || said === "websocket") return said;
  if (/^wss?:/i.test(url)) return "websocket";
  return "streamable-http";
}

function draftOf(name: string, server: Thing, inputs: Thing[]): Draft {
  const found = new Map<string, Variable>();
  const read = (value: string) => personal(value, found, inputs);
  const title = text(server.title) || text(server.name) || name;
  const draft: Draft = { ...blank, title, description: text(server.description) };
  const command = text(server.command);
  const behind = command ? bridge(command, texts(server.args)) : null;
  const url = behind?.url ?? (text(server.url) || text(server.serverUrl) || text(server.httpUrl));
  if (url) {
    draft.type = typeOf(server, url);
    draft.url = read(url);
    draft.headers = pairs(behind?.headers ?? server.headers, read);
    takeKey(draft);
  } else {
    draft.type = "stdio";
    draft.command = command;
    draft.args = texts(server.args).map(read).join("\n");
    draft.env = pairs(server.env, read);
  }
  draft.variables = [...found.values()];
  return draft;
}

// A bearer key among the headers is what the form calls an API key.
function takeKey(draft: Draft): void {
  const at = draft.headers.findIndex((h) => h.name.toLowerCase() === "authorization" && /^bearer\s+\S/i.test(h.value));
  const header = draft.headers[at];
  if (!header || header.value.includes("{{")) return;
  draft.auth = "key";
  draft.key = header.value.replace(/^bearer\s+/i, "");
  draft.headers = draft.headers.filter((_, i) => i !== at);
}

/** readPasted returns the servers of a block, or a sentence that says why there is none. */
export function readPasted(block: string): Pasted[] | string {
  let all: unknown;
  try {
    // A block is often copied without the braces around it.
    all = JSON.parse(/^\s*"/.test(block) ? `{${block.replace(/,\s*$/, "")}}` : block);
  } catch (error) {
    return `This is not valid JSON: ${error instanceof Error ? error.message : ""}`;
  }
  if (!isThing(all)) return "This is JSON, but no block of servers: it begins with { and has mcpServers in it.";
  const inputs = (Array.isArray(all.inputs) ? all.inputs : []).filter(isThing);
  const found = blocksOf(all).map(([name, server]) => ({ name, draft: draftOf(name, server, inputs) }));
  return found.length > 0 ? found : "No server is in it: one has a url or a command.";
}
