// @vitest-environment jsdom
import "@testing-library/jest-dom/vitest";
import { cleanup, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, expect, test, vi } from "vitest";
import { type Answers, answer, clean, list, server, show } from "../testing/show";
import { Checklist } from "./checklist";

afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
  localStorage.clear();
});

const ready = { name: "a", kind: "openai", title: "A", models: ["m"], ready: true, tools: true, userProvide: false, userProvideURL: false, fixed: false, keySet: false };
const world = (more: Answers = {}): Answers => ({
  "GET /api/user": { id: "u1", role: "USER", email: "a@example.com", name: "A", username: "a" },
  "GET /api/endpoints": list([{ ...ready, ready: false, userProvide: true }]),
  "GET /api/mcp/servers": list([server("docs", { status: "disconnected", reason: "never_opened", action: "initialize" })]),
  "GET /api/conversations": list([]),
  ...more,
});
const at = { paths: ["/", "/servers", "/settings/keys"] };

test("what is missing leads on, and what is done is said", async () => {
  answer(world({ "GET /api/mcp/servers": list([server("docs")]) }));
  show(<Checklist />, at);
  expect(await screen.findByText("1 of 3 done")).toBeVisible();
  expect(screen.getByRole("link", { name: "Model keys" })).toHaveAttribute("href", "/settings/keys");
  expect(screen.getByText("Connect an MCP server")).toHaveTextContent("Connect an MCP server: done");
  await clean();
});

test("it is gone when all is done, and when it is not wanted", async () => {
  answer(world({ "GET /api/endpoints": list([ready]), "GET /api/mcp/servers": list([server("docs")]), "GET /api/conversations": list([{ id: "c1" }]) }));
  const { cache } = show(<Checklist />, at);
  await waitFor(() => expect(cache.isFetching()).toBe(0));
  expect(screen.queryByText("First steps")).toBeNull();
  cleanup();
  answer(world());
  show(<Checklist />, at);
  await userEvent.click(await screen.findByRole("button", { name: "Dismiss the first steps" }));
  expect(screen.queryByText("First steps")).toBeNull();
  cleanup();
  show(<Checklist />, at);
  await waitFor(() => expect(screen.queryByText("First steps")).toBeNull());
});
