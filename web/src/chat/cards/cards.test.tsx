// @vitest-environment jsdom
import "../../api/all";
import "@testing-library/jest-dom/vitest";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { cleanup, render, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import axe from "axe-core";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Runs } from "../runs";
import { RunsProvider } from "../runs-context";
import type { CallState, CallView, RunStatus, WaitView } from "../types";
import { CallGroup } from "./call-group";
import { looks } from "./state";
import { ToolCard } from "./tool-card";

const asked: { method: string; path: string; body: string }[] = [];
const hostile = '<img src=x onerror="window.owned=1">\u202e';

beforeEach(() => {
  asked.length = 0;
  vi.stubGlobal("fetch", async (path: string, init: RequestInit) => {
    asked.push({ method: init.method ?? "GET", path, body: typeof init.body === "string" ? init.body : "" });
    const answer = path.includes("/calls/")
      ? `{"result":{"content":[{"type":"text","text":${JSON.stringify(hostile)}}],"structuredContent":{"n":9007199254740993}}}`
      : path.includes("/api/mcp/")
        ? '{"data":[{"name":"github","title":"GitHub","status":"connected","permissions":["USE"]}],"has_more":false,"after":null,"oauthUrl":"http://localhost/api/mcp/github/oauth/initiate?flowId=f","provider":"login.example.com","oauthTimeout":60000}'
        : '{"id":"w","runId":"r","conversationId":"c","status":"answered","kind":"approval"}';
    return new Response(answer, { headers: { "Content-Type": "application/json" } });
  });
});
afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
  localStorage.clear();
});

const call = (state: CallState, more: Partial<CallView> = {}): CallView => ({
  id: "k", step: 1, index: 0, name: "add_label_mcp_github", serverName: "github", tool: "add_label", args: '{"issue":41}', state, isError: false,
  startedAt: "2026-01-01T10:00:00Z", endedAt: state === "started" ? null : "2026-01-01T10:00:01Z", ...more,
});
const wait = (kind: WaitView["kind"], more: Partial<WaitView> = {}): WaitView => ({
  id: "w", runId: "r", conversationId: "c", callId: "k", kind, serverName: "github", tool: "add_label", status: "open", createdAt: null, endedAt: null, expiresAt: null, ...more,
});

function show(c: CallView, waits: WaitView[] = [], status: RunStatus = "running") {
  const runs = new Runs({ fetch: () => Promise.reject(new Error("not here")), frame: (f) => f() });
  return render(
    <QueryClientProvider client={new QueryClient({ defaultOptions: { queries: { retry: false } } })}>
      <RunsProvider runs={runs}>
        <h1>Chat</h1>
        <h2>Answer</h2>
        <ToolCard call={c} run="r" status={status} waits={waits} progress={c.state === "started" ? { progress: 3, total: 10, message: hostile } : undefined} />
      </RunsProvider>
    </QueryClientProvider>,
  );
}

async function clean(element: HTMLElement) {
  const { violations } = await axe.run(element, { rules: { "color-contrast": { enabled: false }, region: { enabled: false } } });
  expect(violations.map((v) => `${v.id}: ${v.nodes.map((n) => n.html).join(" ")}`)).toEqual([]);
}

test.each<[string, CallView, string]>([
  ["queued", call("queued", { startedAt: null }), looks.queued.words],
  ["running", call("started"), looks.running.words],
  ["done", call("done"), looks.done.words],
  ["failed by the tool", call("done", { isError: true }), looks.tool_error.words],
  ["without a result", call("failed", { reason: "call_timeout", problem: "No answer within 30 s." }), looks.failed.words],
  ["denied", call("failed", { reason: "denied" }), looks.denied.words],
  ["unknown", call("unknown"), looks.interrupted.words],
])("a call that is %s says so", async (_, c, words) => {
  const { container } = show(c);
  const header = screen.getByRole("button", { name: new RegExp(`add_label.*${words}`) });
  await userEvent.click(header);
  expect(header).toHaveAttribute("aria-expanded", "true");
  await screen.findByText("Call k", { exact: false });
  if (c.state === "done") await screen.findByText("‹U+202E›", { exact: false });
  expect(container.querySelector("img")).toBeNull();
  await clean(container);
});

test("a running call shows how far it is, and can be cancelled", async () => {
  show(call("started"));
  expect(screen.getByRole("progressbar")).toHaveAttribute("value", "3");
  expect(screen.getByText(/3 of 10/)).toHaveTextContent("‹U+202E›");
  await userEvent.click(screen.getByRole("button", { name: /^Cancel/ }));
  expect(asked.some((a) => a.method === "POST" && a.path.endsWith("/api/runs/r/calls/k/cancel"))).toBe(true);
  await screen.findByText(looks.cancelling.words);
});

test("an approval shows what it is for, and the keys work while the card has the focus", async () => {
  const { container } = show(call("waiting", { startedAt: null, endedAt: null }), [wait("approval", { why: "destructive", args: '{"issue":41}' })], "waiting");
  await screen.findByText(/Asked because the server marks it as destructive/);
  expect(screen.getByText("41")).toBeInTheDocument();
  await clean(container);
  await userEvent.keyboard("a");
  expect(asked.filter((a) => a.path.includes("/approvals/"))).toEqual([]);
  container.querySelector<HTMLElement>("[data-wait]")?.focus();
  await userEvent.keyboard("d");
  await userEvent.type(await screen.findByLabelText(/Reason/), "no, a thousand times");
  await userEvent.click(screen.getByRole("button", { name: "Deny the call" }));
  await waitFor(() => expect(asked.find((a) => a.path.includes("/approvals/"))?.body).toBe('{"decision":"deny","reason":"no, a thousand times"}'));
});

test("always is said with its whole scope before it is given", async () => {
  show(call("waiting"), [wait("approval", { why: "not_read_only" })], "waiting");
  await userEvent.click(await screen.findByRole("button", { name: /Always allow…/ }));
  expect(asked.filter((a) => a.path.includes("/approvals/"))).toEqual([]);
  await userEvent.click(screen.getByRole("button", { name: "Always allow add_label" }));
  await waitFor(() => expect(asked.find((a) => a.path.includes("/approvals/"))?.body).toBe('{"decision":"allow","scope":"always"}'));
});

test("a question is a form whose numbers keep their digits", async () => {
  const questions = { q: { params: { message: "How many?", requestedSchema: { type: "object", required: ["n"], properties: { n: { type: "integer", title: "Number" } } } } } };
  const { container } = show(call("waiting"), [wait("question", { questions })], "waiting");
  const field = await screen.findByLabelText("Number");
  await clean(container);
  await userEvent.click(screen.getByRole("button", { name: "Send" }));
  await screen.findByText("Fill this in.");
  await userEvent.type(field, "9007199254740993");
  await userEvent.click(screen.getByRole("button", { name: "Send" }));
  await waitFor(() => expect(asked.find((a) => a.path.includes("/questions/"))?.body).toBe('{"action":"accept","answers":{"q":{"n":9007199254740993}}}'));
});

test("a sign-in is a real link", async () => {
  const { container } = show(call("waiting"), [wait("signin")], "waiting");
  const link = await screen.findByRole("link", { name: /Sign in to GitHub/ });
  expect(link).toHaveAttribute("href", "http://localhost/api/mcp/github/oauth/initiate?flowId=f");
  await clean(container);
});

test("finished calls fold", async () => {
  const calls = [1, 2, 3].map((n) => call("done", { id: `k${n}` }));
  const run = { id: "r", status: "done", waits: [] } as never;
  render(
    <QueryClientProvider client={new QueryClient()}>
      <RunsProvider>
        <CallGroup calls={calls} run={run} />
      </RunsProvider>
    </QueryClientProvider>,
  );
  expect(screen.queryByText("add_label")).toBeNull();
  await userEvent.click(screen.getByRole("button", { name: /3 tool calls/ }));
  expect(screen.getAllByText("add_label")).toHaveLength(3);
});
