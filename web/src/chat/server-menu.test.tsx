// @vitest-environment jsdom
import "@testing-library/jest-dom/vitest";
import { cleanup, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { useState } from "react";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { ServerView } from "../api/schema";
import { type Answers, answer, clean, list, named, narrow, server, show, tool } from "../testing/show";
import { ServerMenu, type ServerMenuProps, UnreadyBar } from "./server-menu";
import { offOf, worst } from "./server-menu-state";

beforeEach(() => {
  narrow(false);
  vi.stubGlobal("ResizeObserver", class { observe() {} unobserve() {} disconnect() {} });
  Element.prototype.scrollIntoView = () => undefined;
});
afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

const me = { "GET /api/user": { id: "u1", role: "USER", email: "a@example.com", name: "A", username: "a" } };
const six: ServerView[] = [
  server("docs"),
  server("linear", { status: "oauth_required", reason: "signin_required", action: "authenticate", message: "Sign in to use it.", toolCount: 0 }),
  server("files", { status: "disconnected", reason: "unreachable", action: "initialize", message: "Nothing answers there.", toolCount: 0 }),
  server("mail", { status: "initializing", action: "cancel", message: "Connecting.", toolCount: 0 }),
  server("maps", { status: "error", reason: "blocked", action: "retry", message: "The guard refuses this address.", toolCount: 0 }),
  server("chess", { status: "cancelling", action: "none", message: "Cancelling.", toolCount: 0 }),
  server("hidden", { chatMenu: false }),
  server("theirs", { permissions: ["VIEW"] }),
];

type Chosen = { selected: string[]; off: string[] };

function Page({ start = [], seen, ...props }: { start?: string[]; seen?: (c: Chosen) => void } & Partial<ServerMenuProps>) {
  const [selected, setSelected] = useState(start);
  const [off, setOff] = useState<string[]>([]);
  seen?.({ selected, off });
  return (
    <main>
      <h1>Chat</h1>
      <ServerMenu
        selected={selected}
        onChange={(next, tools) => {
          setSelected(next);
          if (tools) setOff(tools);
        }}
        toolsOff={off} onToolsOff={setOff} {...props} />
    </main>
  );
}

async function open(answers: Answers, page = <Page />) {
  const user = userEvent.setup();
  const asked = answer({ ...me, ...answers });
  const view = show(page);
  const chip = await screen.findByRole("button", { name: /^MCP servers/ });
  await user.click(chip);
  return { user, asked, chip, view, dialog: await screen.findByRole("dialog", { name: "MCP servers" }) };
}

test("all six statuses are said, and each has its action", async () => {
  const { dialog } = await open({ "GET /api/mcp/servers": list(six) });
  const menu = within(dialog);
  expect(await menu.findAllByRole("checkbox")).toHaveLength(6);
  expect(menu.getByRole("checkbox", { name: "Linear" })).toHaveAccessibleDescription(named("Sign-in required (OAuth required)"));
  expect(menu.getByRole("checkbox", { name: "Files" })).toHaveAccessibleDescription(named("Disconnected · Nothing answers there."));
  for (const name of ["Authenticate Linear", "Initialize Files", "Cancel Mail", "Try again Maps", "Cancelling: configure Chess", "Connected: configure Docs"]) {
    expect(menu.getByRole("button", { name: named(name) })).toBeVisible();
  }
  expect(menu.queryByText("Hidden")).toBeNull();
  expect(menu.queryByText("Theirs")).toBeNull();
  expect(menu.getByRole("link", { name: "Manage servers" })).toBeVisible();
  await clean();
});

test("one tick chooses a server and connects it; its status changes nothing of the choice", async () => {
  let now: Chosen = { selected: [], off: [] };
  const { user, asked, dialog, chip } = await open(
    { "GET /api/mcp/servers": list(six), "POST /api/mcp/files/reinitialize": { message: "", oauthRequired: false, serverName: "files", success: true } },
    <Page seen={(c) => (now = c)} />,
  );
  await user.click(await within(dialog).findByRole("checkbox", { name: "Files" }));
  expect(now.selected).toEqual(["files"]);
  await waitFor(() => expect(asked.map((a) => a.what)).toContain("POST /api/mcp/files/reinitialize"));
  await user.click(within(dialog).getByRole("checkbox", { name: "Linear" }));
  expect(now.selected).toEqual(["files", "linear"]);
  expect(asked.map((a) => a.what)).not.toContain("POST /api/mcp/linear/reinitialize");
  expect(chip).toHaveAccessibleName(named("MCP servers 2 chosen, Sign-in required"));
});

test("the keyboard reaches all of it", async () => {
  const { user, dialog, chip } = await open({ "GET /api/mcp/servers": list(six) });
  const first = await within(dialog).findByRole("checkbox", { name: "Docs" });
  first.focus();
  await user.keyboard("{ArrowDown}");
  expect(within(dialog).getByRole("checkbox", { name: "Linear" })).toHaveFocus();
  await user.keyboard("{Enter}");
  expect(within(dialog).getByRole("button", { name: named("Authenticate Linear") })).toHaveFocus();
  await user.keyboard("{ArrowRight}");
  expect(within(dialog).getByRole("button", { name: /^Sign-in required: configure Linear/ })).toHaveFocus();
  await user.keyboard("{ArrowLeft}{ArrowLeft} ");
  expect(within(dialog).getByRole("checkbox", { name: "Linear" })).toBeChecked();
  await user.keyboard("{End}");
  expect(within(dialog).getByRole("checkbox", { name: "Chess" })).toHaveFocus();
  await user.keyboard("{Escape}");
  await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
  expect(chip).toHaveFocus();
});

test("single tools are turned off, and back on", async () => {
  let now: Chosen = { selected: [], off: [] };
  const tools = ["read", "write", "list"].map((n) => tool("docs", n));
  const { user, dialog } = await open({ "GET /api/mcp/servers": list(six), "GET /api/mcp/tools": tools }, <Page start={["docs"]} seen={(c) => (now = c)} />);
  await user.click(await within(dialog).findByRole("button", { name: named("3 tools of Docs") }));
  await user.click(await within(dialog).findByRole("checkbox", { name: /^write/ }));
  expect(now.off).toEqual(["write_mcp_docs"]);
  expect(within(dialog).getByRole("button", { name: named("2 of 3 tools of Docs") })).toBeVisible();
  await clean();
  await user.click(within(dialog).getByRole("button", { name: named("All off of Docs") }));
  expect(now.off).toHaveLength(3);
  await user.click(within(dialog).getByRole("button", { name: named("All on of Docs") }));
  expect(now.off).toEqual([]);
});

test("a tool of a server that is not chosen chooses that tool alone", async () => {
  let now: Chosen = { selected: [], off: [] };
  const tools = ["read", "write", "list"].map((n) => tool("docs", n));
  const { user, dialog } = await open({ "GET /api/mcp/servers": list(six), "GET /api/mcp/tools": tools }, <Page seen={(c) => (now = c)} />);
  await user.click(await within(dialog).findByRole("button", { name: named("3 tools of Docs") }));
  await user.click(await within(dialog).findByRole("checkbox", { name: /^write/ }));
  expect(now).toEqual({ selected: ["docs"], off: ["read_mcp_docs", "list_mcp_docs"] });
});

test("search from eight servers", async () => {
  const many = Array.from({ length: 50 }, (_, i) => server(`server${i}`));
  const { user, dialog } = await open({ "GET /api/mcp/servers": list(many) });
  await user.type(await within(dialog).findByRole("searchbox", { name: "Search servers" }), "server49");
  await waitFor(() => expect(within(dialog).getAllByRole("checkbox")).toHaveLength(1));
  await user.type(within(dialog).getByRole("searchbox", { name: "Search servers" }), "x");
  expect(await within(dialog).findByText("No server matches.")).toBeVisible();
});

test("nothing there, not read, and not there any more", async () => {
  let opened = await open({ "GET /api/mcp/servers": list([]) });
  expect(await within(opened.dialog).findByText("No servers yet.")).toBeVisible();
  expect(within(opened.dialog).getByText(/Ask an administrator/)).toBeVisible();
  await clean();
  cleanup();
  opened = await open({ "GET /api/mcp/servers": new Response('{"error":"The database is away.","code":"unavailable"}', { status: 500 }) });
  expect(await within(opened.dialog).findByText("The database is away.")).toBeVisible();
  expect(within(opened.dialog).getByRole("button", { name: named("Try again") })).toBeVisible();
  cleanup();
  let now: Chosen = { selected: [], off: [] };
  opened = await open({ "GET /api/mcp/servers": list(six) }, <Page start={["gone", "hidden"]} seen={(c) => (now = c)} />);
  await opened.user.click(await within(opened.dialog).findByRole("button", { name: named("Remove gone") }));
  expect(now.selected).toEqual(["hidden"]);
});

test("a model without tools says why nothing can be chosen", async () => {
  answer({ ...me, "GET /api/mcp/servers": list(six) });
  show(<Page start={["docs"]} disabledReason="This model takes no tools." />);
  const chip = await screen.findByRole("button", { name: named("MCP servers") });
  expect(chip).toHaveAccessibleDescription(named("This model takes no tools."));
  await userEvent.click(chip);
  expect(screen.queryByRole("dialog")).toBeNull();
});

test("an agent's servers are shown, not chosen", async () => {
  let now: Chosen = { selected: [], off: [] };
  const { user, dialog } = await open({ "GET /api/mcp/servers": list(six) }, <Page start={["docs"]} seen={(c) => (now = c)} fixedReason="The agent brings its own." />);
  const box = await within(dialog).findByRole("checkbox");
  await user.click(box);
  expect(now.selected).toEqual(["docs"]);
  expect(box).toBeChecked();
});

test("on a phone it is a sheet", async () => {
  narrow(true);
  const { user, dialog, chip } = await open({ "GET /api/mcp/servers": list(six) });
  expect(await within(dialog).findAllByRole("checkbox")).toHaveLength(6);
  await clean();
  await user.click(within(dialog).getByRole("button", { name: named("Close") }));
  await waitFor(() => expect(chip).toHaveFocus());
});

test("a chosen server that is not ready holds the message, or is left out", async () => {
  const without = vi.fn();
  answer({ ...me, "GET /api/mcp/servers": list(six) });
  show(<UnreadyBar selected={["docs", "linear"]} onSendWithout={without} />);
  expect(await screen.findByText("Linear is not signed in.")).toBeVisible();
  expect(screen.getByRole("button", { name: named("Authenticate Linear") })).toBeVisible();
  await userEvent.click(screen.getByRole("button", { name: named("Send without it") }));
  expect(without).toHaveBeenCalledWith(["linear"]);
});

const s = (status: ServerView["status"], reason = "") => ({ status, reason });

test("the worst status is the one that needs a person most", () => {
  expect(worst([])).toBeNull();
  expect(worst([s("connected"), s("disconnected", "idle")])).toBe("connected");
  expect(worst([s("connected"), s("initializing")])).toBe("initializing");
  expect(worst([s("oauth_required"), s("disconnected", "unreachable")])).toBe("oauth_required");
  expect(worst([s("oauth_required"), s("error")])).toBe("error");
});

test("keys of tools belong to the server with the longest name that fits", () => {
  const names = ["bar", "foo_mcp_bar"];
  expect(offOf("bar", ["x_mcp_bar", "x_mcp_foo_mcp_bar"], names)).toEqual(["x_mcp_bar"]);
  expect(offOf("foo_mcp_bar", ["x_mcp_bar", "x_mcp_foo_mcp_bar"], names)).toEqual(["x_mcp_foo_mcp_bar"]);
});
