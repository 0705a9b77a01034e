// @vitest-environment jsdom
import { expect, test } from "vitest";
import { server } from "../../testing/show";
import { blank, bodyOf, type Draft, draftOf, forgotten, hasKept, patchOf, slug } from "./draft";
import { readPasted } from "./paste";
import { fieldOf, spread, wrongWith } from "./wrong";

const made = server("notes", {
  source: "user", type: "streamable-http", url: "https://notes.example.com/mcp", title: "Notes", timeout: 30_000, initTimeout: 10_000,
  headers: { "X-Api-Key": "set", "X-User": "{{LIBRECHAT_USER_USERNAME}}" }, customUserVars: { TEAM: "Your team", KEY: { title: "Key", description: "", sensitive: true } },
});
const opened = draftOf(made);
const edit = (some: Partial<Draft>) => patchOf(bodyOf(opened), bodyOf({ ...opened, ...some }));

test("an edit sends only what differs", () => {
  expect(edit({})).toEqual({});
  expect(edit({ title: "Our notes", description: "For all." })).toEqual({ title: "Our notes", description: "For all." });
  expect(edit({ headers: opened.headers.filter((h) => h.name !== "X-User") })).toEqual({ headers: { "X-User": null } });
  expect(edit({ headers: [] })).toEqual({ headers: null });
  expect(edit({ timeout: "0.5", chatMenu: false })).toEqual({ timeout: 500, chatMenu: false });
  expect(edit({ variables: opened.variables.slice(1) })).toEqual({ customUserVars: { TEAM: null } });
  expect(edit({ type: "stdio", command: "notes" })).toEqual({ type: "stdio", command: "notes", url: null, headers: null });
});

test("a secret that is set stays, and never moves to another name", () => {
  const [key, user] = opened.headers;
  expect([key?.value, key?.kept, user?.value]).toEqual(["", "X-Api-Key", "{{LIBRECHAT_USER_USERNAME}}"]);
  expect(hasKept(opened)).toBe(true);
  expect(edit({ headers: [{ ...key!, value: "new-fake-key" }, user!] })).toEqual({ headers: { "X-Api-Key": "new-fake-key" } });
  expect(edit({ headers: [{ ...key!, name: "X-Other" }, user!] })).toEqual({ headers: { "X-Api-Key": null, "X-Other": "" } });
});

test("what leads elsewhere says what it forgets", () => {
  expect(forgotten(opened, { ...opened, title: "Other" })).toBeNull();
  expect(forgotten(opened, { ...opened, url: "https://other.example.com/mcp" })).toEqual(["X-Api-Key"]);
  expect(forgotten(opened, { ...opened, url: "https://other.example.com/mcp", headers: [{ ...opened.headers[0]!, value: "fake" }] })).toEqual([]);
});

const of = (some: Partial<Draft>) => bodyOf({ ...blank, title: "A b", url: "https://a.example.com", ...some });

test("each way to authenticate is a definition", () => {
  expect(of({ auth: "key", key: "fake" }).apiKey).toEqual({ source: "admin", authorization_type: "bearer", key: "fake" });
  expect(of({ auth: "key", keyOf: "each", keyAs: "custom", keyHeader: "X-K" }).apiKey).toEqual({ source: "user", authorization_type: "custom", custom_header: "X-K" });
  expect(of({ auth: "oauth" })).toMatchObject({ requiresOAuth: true });
  expect(of({ auth: "oauth" }).oauth).toBeUndefined();
  expect(of({ auth: "oauth", clientId: "c" }).oauth).toEqual({ client_id: "c" });
  expect(of({}).name).toBe("a-b");
  expect(slug(" Ünser  Dienst/2.0! ")).toBe("unser-dienst-2-0");
});

test("what the API finds is at its field", () => {
  expect(fieldOf("body.url")).toBe("url");
  expect(fieldOf("body.headers.X-Api-Key")).toBe("headers.X-Api-Key");
  expect(fieldOf("body.oauth.client_secret")).toBe("clientSecret");
  expect(fieldOf("body.customUserVars.KEY.title")).toBe("variables.KEY");
  expect(spread([{ path: "body.url", message: "is missing" }, { path: "body.startup", message: "is for the operator's configuration file only" }])).toEqual({
    wrong: { url: "Is missing." },
    rest: ["startup is for the operator's configuration file only"],
  });
  expect(wrongWith(blank, undefined)).toMatchObject({ url: "Give the address of the server.", title: "Give it a title." });
  expect(wrongWith({ ...opened, url: "https://notes.example.com/mcp?key=set&x=1" }, opened).url).toMatch(/hidden/);
});

test.each<[string, unknown, Partial<Draft>]>([
  ["Claude", { mcpServers: { docs: { type: "http", url: "https://d.example.com/mcp", headers: { Authorization: "Bearer fake-key" } } } }, { title: "docs", type: "streamable-http", url: "https://d.example.com/mcp", auth: "key", key: "fake-key", headers: [] }],
  ["Cursor", { mcpServers: { docs: { command: "npx", args: ["-y", "docs"], env: { KEY: "${env:DOCS_KEY}" } } } }, { type: "stdio", command: "npx", args: "-y\ndocs", env: [{ name: "KEY", value: "{{DOCS_KEY}}", kept: "", plain: true }] }],
  ["VS Code", { inputs: [{ id: "docs-key", description: "Your key", password: true }], servers: { docs: { type: "sse", url: "https://d.example.com/sse", headers: { "X-Key": "${input:docs-key}" } } } }, { type: "sse", variables: [{ name: "DOCS_KEY", title: "Your key", description: "", sensitive: true }] }],
  ["a bridge", { mcpServers: { docs: { command: "npx", args: ["mcp-remote", "https://d.example.com/mcp", "--header", "X-Team: blue"] } } }, { type: "streamable-http", url: "https://d.example.com/mcp", headers: [{ name: "X-Team", value: "blue", kept: "", plain: false }] }],
  ["one alone", { url: "wss://d.example.com/mcp", title: "Docs" }, { type: "websocket", title: "Docs" }],
])("a block of %s fills the form", (_, block, want) => {
  const found = readPasted(JSON.stringify(block));
  expect(found).toHaveLength(1);
  expect(typeof found === "string" ? found : found[0]?.draft).toMatchObject(want);
});

test("what is no block says why", () => {
  expect(readPasted("{")).toMatch(/not valid JSON/);
  expect(readPasted("[1]")).toMatch(/no block/);
  expect(readPasted("{}")).toMatch(/No server/);
  expect(readPasted('"docs": {"url": "https://d.example.com"},')).toHaveLength(1);
});
