// @vitest-environment jsdom
import "@testing-library/jest-dom/vitest";
import { cleanup, render, screen } from "@testing-library/react";
import { afterEach, expect, test, vi } from "vitest";
import { needsAttention, statuses, type StatusName, verbs } from "./status";
import { StatusBadge, StatusButton } from "./status-badge";

afterEach(cleanup);

const names = ["connected", "initializing", "oauth_required", "disconnected", "error", "cancelling"] as const satisfies readonly StatusName[];

test("each status has a word, a shape and a colour of its own, and each action a verb", () => {
  expect(Object.keys(statuses).sort()).toEqual([...names].sort());
  expect(new Set(Object.values(statuses).map((s) => s.word)).size).toBe(6);
  expect(new Set(Object.values(statuses).map((s) => s.icon)).size).toBe(6);
  for (const [action, verb] of Object.entries(verbs)) expect(verb === "", action).toBe(action === "none");
});

test.each(names)("%s is said in words", (status) => {
  const open = vi.fn();
  render(
    <>
      <StatusBadge status={status} />
      <StatusButton status={status} name="github" server="GitHub" onClick={open} />
    </>,
  );
  const button = screen.getByRole("button", { name: `${statuses[status].word}: configure GitHub` });
  button.click();
  expect(open).toHaveBeenCalledOnce();
  if (status === "oauth_required") expect(button).toHaveAccessibleDescription("OAuth required");
});

test("who waits for a person", () => {
  const cases: [StatusName, string, boolean][] = [
    ["oauth_required", "signin_required", true],
    ["error", "blocked", true],
    ["disconnected", "idle", false],
    ["disconnected", "never_opened", false],
    ["disconnected", "needs_variables", true],
    ["disconnected", "unreachable", true],
    ["connected", "", false],
    ["initializing", "", false],
  ];
  for (const [status, reason, want] of cases) expect(needsAttention({ status, reason }), `${status} ${reason}`).toBe(want);
});
