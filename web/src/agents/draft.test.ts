// @vitest-environment jsdom
import { expect, test } from "vitest";
import { tool } from "../testing/show";
import { blank, draftOf, fieldsOf, gone, same, wrongWith } from "./draft";

test("what is wrong with a draft is said by field", () => {
  expect(wrongWith({ ...blank, name: "A" })).toEqual({});
  expect(wrongWith({ ...blank, name: "  ", temperature: "3", topP: "x", maxTokens: "1.5", thinkingBudget: "-1" })).toEqual({
    name: "Give it a name.",
    temperature: "Must be a number from 0 to 2.",
    topP: "Must be a number from 0 to 1.",
    maxTokens: "Must be a whole number from 1 to 10000000.",
    thinkingBudget: "Must be a whole number from 1 to 10000000.",
  });
  expect(wrongWith({ ...blank, name: "A", temperature: "1e1" })).toHaveProperty("temperature");
});

test("an agent survives being edited and sent back", () => {
  const agent = {
    id: "a1", name: "N", description: "D", instructions: "I", provider: "p", model: "m", params: { temperature: 0, maxTokens: 10, noCache: true, stopAt: ["x"] },
    tools: [{ serverName: "docs", tools: ["read"] }, { serverName: "all", all: true }], missing: null, starters: ["hi"], permissions: null, version: 3, createdAt: null, updatedAt: null,
  };
  const draft = draftOf(agent);
  expect(draft.temperature).toBe("0"); // nought is a choice
  expect(same(draft, draftOf(agent))).toBe(true);
  expect(same(draft, { ...draft, starters: ["hi", ""] })).toBe(false);
  expect(JSON.parse(JSON.stringify(fieldsOf({ ...draft, starters: ["hi", " "] }, agent.params)))).toEqual({
    name: "N", description: "D", instructions: "I", provider: "p", model: "m", params: { temperature: 0, maxTokens: 10, noCache: true, stopAt: ["x"] },
    tools: [{ serverName: "docs", tools: ["read"] }, { serverName: "all", all: true }], starters: ["hi"],
  });
});

test("only a list that is known can miss a tool", () => {
  const choice = { serverName: "docs", all: false, tools: ["read", "old"] };
  expect(gone(choice, [tool("docs", "read")])).toEqual(["old"]);
  expect(gone(choice, [])).toEqual([]);
  expect(gone(choice, undefined)).toEqual([]);
  expect(gone({ ...choice, all: true }, [tool("docs", "read")])).toEqual([]);
});
