import { expect, test } from "vitest";
import { leafOf, pathTo } from "./tree";
import type { MessageView } from "./types";

const m = (id: string, parentId: string | null): MessageView => ({ id, parentId, conversationId: "c", role: id.startsWith("q") ? "user" : "assistant", createdAt: null, parts: [], run: null });

const all = [m("q1", null), m("a1", "q1"), m("q2", "a1"), m("a2", "q2"), m("a2b", "q2"), m("q1b", null), m("a1b", "q1b")];
const ids = (head: string) => pathTo(all, head).map((s) => s.message.id);

test("the way to a message goes on by the newest", () => {
  expect(ids("a2")).toEqual(["q1", "a1", "q2", "a2"]);
  expect(ids("q2")).toEqual(["q1", "a1", "q2", "a2b"]);
  expect(ids("q1b")).toEqual(["q1b", "a1b"]);
});

test("a head that is not there is the newest message", () => {
  expect(ids("gone")).toEqual(["q1b", "a1b"]);
  expect(pathTo([], "x")).toEqual([]);
});

test("siblings are what else is in the same place", () => {
  expect(pathTo(all, "a2").map((s) => s.siblings)).toEqual([["q1", "q1b"], ["a1"], ["q2"], ["a2", "a2b"]]);
  expect(leafOf(all, "q1")).toBe("a2b");
});

test("a circle ends", () => {
  expect(pathTo([m("x", "y"), m("y", "x")], "x").length).toBe(2);
});
