// @vitest-environment jsdom
import "@testing-library/jest-dom/vitest";
import { cleanup, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { type Answers, answer, clean, list, narrow, server, show } from "../../testing/show";
import { sentence, toggled } from "./grants";
import { SharePage } from "./share-page";

beforeEach(() => {
  narrow(false);
  vi.stubGlobal("scrollTo", () => undefined);
});
afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

const bo = { kind: "user", id: "u2", name: "Bo", email: "bo@example.com", permissions: ["VIEW", "USE"] };
const world: Answers = {
  "GET /api/user": { id: "u1", role: "USER", email: "a@example.com", name: "Ada", username: "ada" },
  "GET /api/config": { appTitle: "", interface: { mcpServers: { create: true, share: true, public: false, use: true } } },
  "GET /api/mcp/servers/notes": server("notes", { source: "user", permissions: ["VIEW", "USE", "SHARE"] }),
  "GET /api/mcp/servers/notes/access": { owner: "u9", ownerName: "Olga", grants: [bo] },
  "GET /api/groups": list([{ id: "g1", name: "Team", members: 2, createdAt: null }]),
};

function open(answers: Answers = {}) {
  const asked = answer({ ...world, ...answers });
  return { asked, user: userEvent.setup(), ...show(<SharePage />, { at: "/servers/notes/share", paths: ["/servers/$name/share", "/servers/$name"] }) };
}

test("a group is given what one has, and no more", async () => {
  const put = { owner: "u9", grants: [bo, { kind: "group", id: "g1", name: "Team", permissions: ["VIEW", "USE"] }] };
  const { user, asked } = open({ "PUT /api/mcp/servers/notes/access": put });
  expect(await screen.findByText("Bo can use its tools, but cannot see its address or credentials.")).toBeVisible();
  expect(screen.getByRole("checkbox", { name: "Edit" })).toBeDisabled();
  expect(screen.queryByRole("button", { name: "Add everyone" })).toBeNull();
  await user.click(await screen.findByRole("button", { name: /Add.*Team/ }));
  const may = screen.getByRole("group", { name: "What Team may do" });
  expect(within(may).getByRole("checkbox", { name: "Use" })).toHaveFocus();
  expect(within(may).getByRole("checkbox", { name: "View" })).toBeDisabled();
  await user.click(within(may).getByRole("checkbox", { name: "Share" }));
  expect(screen.getByText("Team can use its tools and share what they may do themselves, but cannot see its address or credentials.")).toBeVisible();
  await user.click(within(may).getByRole("checkbox", { name: "Share" }));
  await clean();
  await user.click(screen.getByRole("button", { name: "Save" }));
  await waitFor(() => expect(asked.find((a) => a.what.startsWith("PUT"))?.body).toEqual({
    grants: [{ kind: "user", id: "u2", permissions: ["VIEW", "USE"] }, { kind: "group", id: "g1", permissions: ["VIEW", "USE"] }],
  }));
});

test("what the API refuses is at its row", async () => {
  const refused = new Response(JSON.stringify({ error: "no", code: "forbidden", fields: [{ path: "body.grants[0]", message: "gives EDIT, which you do not have yourself" }] }), { status: 403 });
  const { user } = open({ "PUT /api/mcp/servers/notes/access": refused });
  await user.click(await screen.findByRole("button", { name: "Save" }));
  expect(await screen.findByText("This gives EDIT, which you do not have yourself.")).toBeVisible();
});

test("without SHARE nothing is shown", async () => {
  const { asked } = open({ "GET /api/mcp/servers/notes": server("notes", { source: "user" }) });
  expect(await screen.findByText(/You lack the permission SHARE/)).toBeVisible();
  expect(asked.some((a) => a.what.endsWith("/access"))).toBe(false);
});

test("a sentence says what somebody can do", () => {
  expect(sentence("Ana", ["VIEW"])).toBe("Ana can see that it is there, but cannot use its tools or see its address or credentials.");
  expect(sentence("Ana", ["VIEW", "EDIT", "DELETE"])).toBe("Ana can see that it is there, change it and delete it for everybody, but cannot use its tools or read its secrets.");
  expect(toggled(["VIEW", "USE"], "USE")).toEqual(["VIEW"]);
  expect(toggled([], "SHARE")).toEqual(["VIEW", "SHARE"]);
});
