// @vitest-environment jsdom
import "@testing-library/jest-dom/vitest";
import { cleanup, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { AgentView, Provider } from "../api/schema";
import { type Answers, answer, clean, list, named, narrow, server, show, tool } from "../testing/show";
import { Builder } from "./builder";

beforeEach(() => {
  narrow(false);
  vi.stubGlobal("scrollTo", () => undefined);
});
afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

const provider: Provider = { name: "openAI", kind: "openai", title: "OpenAI", models: ["small", "large"], defaultModel: "small", ready: true, tools: true, userProvide: false, userProvideURL: false, fixed: false, keySet: false };
const agent: AgentView = {
  id: "a1", name: "Helper", description: "", instructions: "Help.", provider: "openAI", model: "small", tools: [{ serverName: "docs", tools: ["read", "old"] }], missing: [{ serverName: "docs", tools: ["old"] }],
  starters: [], permissions: ["VIEW", "USE", "EDIT", "DELETE", "SHARE"], version: 3, createdAt: null, updatedAt: null,
};
const many = Array.from({ length: 41 }, (_, i) => tool("docs", `tool${i}`));
const world: Answers = {
  "GET /api/user": { id: "u1", role: "USER", email: "a@example.com", name: "A", username: "a" },
  "GET /api/endpoints": list([provider]),
  "GET /api/mcp/servers": list([server("docs", { toolCount: 41 }), server("idle", { status: "disconnected", reason: "unreachable", action: "initialize", message: "Nothing answers.", toolCount: 0 })]),
  "GET /api/mcp/tools?server=docs": many,
  "GET /api/mcp/tools?server=idle": [],
};
const json = (status: number, body: unknown) => new Response(JSON.stringify(body), { status, headers: { "Content-Type": "application/json" } });

function open(part: React.ReactNode, answers: Answers = {}) {
  const asked = answer({ ...world, ...answers });
  return { asked, user: userEvent.setup(), ...show(part, { paths: ["/", "/agents", "/agents/new", "/agents/$id", "/settings/keys"] }) };
}

test("three of forty-one tools are chosen and saved", async () => {
  const { user, asked, router } = open(<Builder />, { "POST /api/agents": { ...agent, id: "new1" } });
  await user.click(await screen.findByRole("button", { name: "Create agent" }));
  expect(await screen.findByText("Give it a name.")).toBeVisible();
  expect(screen.getByLabelText("Name")).toHaveFocus();
  await user.type(screen.getByLabelText("Name"), "Reader");
  await waitFor(() => expect(screen.getByRole("option", { name: "OpenAI" })).toBeInTheDocument());
  await user.selectOptions(screen.getByLabelText("Provider"), "openAI");
  expect(screen.getByLabelText("Model")).toHaveValue("small");
  await user.click(screen.getByRole("button", { name: "Add Tools" }));
  const dialog = await screen.findByRole("dialog", { name: "Add Tools" });
  await user.click(await within(dialog).findByRole("button", { name: named("Add Docs") }));
  expect(await within(dialog).findByText("Added")).toBeVisible();
  await clean();
  await user.click(within(dialog).getByRole("button", { name: "Done" }));
  await user.click(await screen.findByRole("button", { name: /Docs\s*41 of 41 tools/ }));
  const all = await screen.findByRole("checkbox", { name: "All 41 tools of now" });
  expect(all).toBeChecked();
  await user.click(all);
  for (const n of [3, 5, 7]) await user.click(screen.getByRole("checkbox", { name: `tool${n}` }));
  expect(all).toBePartiallyChecked();
  expect(screen.getByRole("button", { name: /Docs\s*3 of 41 tools/ })).toBeVisible();
  await clean();
  await user.click(screen.getByRole("button", { name: "Create agent" }));
  await waitFor(() => expect(router.state.location.pathname).toBe("/agents/new1"));
  const sent = asked.find((a) => a.what === "POST /api/agents")?.body as { tools: unknown; name: string };
  expect(sent.name).toBe("Reader");
  expect(sent.tools).toEqual([{ serverName: "docs", tools: ["tool3", "tool5", "tool7"] }]);
});

test("a server that is not ready is connected on the way, and added by itself", async () => {
  const { user, asked, cache } = open(<Builder />, { "POST /api/mcp/idle/reinitialize": { message: "", oauthRequired: true, oauthUrl: "http://localhost/go", provider: "id.example.com", oauthTimeout: 60_000, serverName: "idle", success: false } });
  await user.click(await screen.findByRole("button", { name: "Add Tools" }));
  const dialog = await screen.findByRole("dialog", { name: "Add Tools" });
  await user.click(await within(dialog).findByRole("button", { name: named("Add Idle") }));
  await waitFor(() => expect(asked.map((a) => a.what)).toContain("POST /api/mcp/idle/reinitialize"));
  const set = (more: object) =>
    cache.setQueryData(["servers", "list", ""], (old: { pages: { data: { name: string }[] }[] }) => ({ ...old, pages: old.pages.map((p) => ({ ...p, data: p.data.map((s) => (s.name === "idle" ? { ...s, ...more } : s)) })) }));
  set({ status: "oauth_required", action: "authenticate", reason: "signin_required", message: "Sign in." });
  expect(await within(dialog).findByRole("link", { name: "Sign in to Idle" })).toHaveAttribute("href", "http://localhost/go");
  answer({ ...world, "GET /api/mcp/tools?server=idle": [tool("idle", "one")] });
  await cache.invalidateQueries({ queryKey: ["tools", "idle"] });
  set({ status: "connected", action: "configure", reason: "", toolCount: 1 });
  expect(await within(dialog).findByText("Added")).toBeVisible();
});

test("tools that are gone are named, and removed", async () => {
  const { user, asked } = open(<Builder agent={agent} />, { "GET /api/mcp/tools?server=docs": [tool("docs", "read")], "PATCH /api/agents/a1": { ...agent, version: 4 } });
  expect(await screen.findByText("1 saved tool no longer exists:")).toBeVisible();
  await user.click(screen.getByRole("button", { name: /^Remove\s*what Docs no longer offers/ }));
  expect(screen.queryByText("1 saved tool no longer exists:")).toBeNull();
  await user.click(screen.getByRole("button", { name: "Save" }));
  await waitFor(() => expect(asked.some((a) => a.what === "PATCH /api/agents/a1")).toBe(true));
  const sent = asked.find((a) => a.what === "PATCH /api/agents/a1");
  expect(sent?.headers["If-Match"]).toBe('"3"');
  expect(sent?.body).toMatchObject({ tools: [{ serverName: "docs", tools: ["read"] }] });
});

test("an edit of something older is not saved unasked", async () => {
  const { user, asked } = open(<Builder agent={agent} />, { "PATCH /api/agents/a1": json(412, { error: "The agent was changed meanwhile.", code: "stale" }), "GET /api/agents/a1": { ...agent, name: "Theirs", version: 9 } });
  await user.type(await screen.findByLabelText("Name"), "!");
  await user.click(screen.getByRole("button", { name: "Save" }));
  const dialog = await screen.findByRole("dialog", { name: "Changed elsewhere meanwhile" });
  await clean();
  await user.click(within(dialog).getByRole("button", { name: "Reload" }));
  await waitFor(() => expect(screen.getByLabelText("Name")).toHaveValue("Theirs"));
  expect(asked.filter((a) => a.what === "PATCH /api/agents/a1")).toHaveLength(1);
  await user.type(screen.getByLabelText("Name"), "!");
  await user.click(screen.getByRole("button", { name: "Save" }));
  await user.click(within(await screen.findByRole("dialog", { name: "Changed elsewhere meanwhile" })).getByRole("button", { name: "Overwrite" }));
  await waitFor(() => expect(asked.filter((a) => a.what === "PATCH /api/agents/a1")).toHaveLength(3));
  const patches = asked.filter((a) => a.what === "PATCH /api/agents/a1");
  expect(patches.map((p) => p.headers["If-Match"])).toEqual(['"3"', '"9"', undefined]);
});

test("leaving with changes is asked about", async () => {
  const { user, router } = open(<Builder agent={agent} />);
  await user.type(await screen.findByLabelText("Name"), "!");
  await user.click(screen.getByRole("link", { name: "All agents" }));
  const dialog = await screen.findByRole("dialog", { name: "Leave without saving?" });
  await user.click(within(dialog).getByRole("button", { name: "Stay" }));
  expect(router.state.location.pathname).toBe("/");
  await user.click(screen.getByRole("link", { name: "All agents" }));
  await user.click(within(await screen.findByRole("dialog", { name: "Leave without saving?" })).getByRole("button", { name: "Leave" }));
  await waitFor(() => expect(router.state.location.pathname).toBe("/agents"));
});

test("who may not change an agent may look at it", async () => {
  open(<Builder agent={{ ...agent, permissions: ["VIEW", "USE"] }} />);
  expect(await screen.findByText(/You may use this agent, but not change it/)).toBeVisible();
  expect(screen.getByLabelText("Name")).toBeDisabled();
  expect(screen.queryByRole("button", { name: "Save" })).toBeNull();
  expect(screen.queryByRole("button", { name: "Add Tools" })).toBeNull();
  expect(screen.queryByRole("button", { name: "Delete" })).toBeNull();
  expect(screen.getByRole("button", { name: "Duplicate" })).toBeEnabled();
  await clean();
});
