import { expect, test } from "vitest";
import type { CallState, RunStatus, WaitView } from "../types";
import { cardState, looks } from "./state";

const call = (state: CallState, reason = "", isError = false) => ({ id: "k", state, reason, isError });
const wait = (kind: WaitView["kind"], status: WaitView["status"] = "open") => ({ callId: "k", kind, status }) as WaitView;
const run = (waits: WaitView[] = [], status: RunStatus = "running") => ({ waits, status });

test.each([
  ["done", call("done"), run(), "done"],
  ["an error of the tool", call("done", "", true), run(), "tool_error"],
  ["no result", call("failed", "call_timeout"), run(), "failed"],
  ["cancelled", call("failed", "cancelled"), run(), "cancelled"],
  ["denied", call("failed", "denied"), run(), "denied"],
  ["declined", call("failed", "declined"), run(), "declined"],
  ["skipped", call("failed", "skipped"), run(), "skipped"],
  ["expired", call("failed", "expired"), run(), "expired"],
  ["interrupted", call("unknown"), run(), "interrupted"],
  ["of a stopped run", call("started"), run([], "stopped"), "cancelled"],
  ["of an interrupted run", call("started"), run([], "interrupted"), "interrupted"],
  ["queued", call("queued"), run(), "queued"],
  ["running", call("started"), run(), "running"],
  ["waiting for approval", call("waiting"), run([wait("approval")]), "approval"],
  ["a question", call("waiting"), run([wait("question")], "waiting"), "question"],
  ["a sign-in", call("waiting"), run([wait("signin")], "waiting"), "signin"],
  ["a wait that has ended", call("waiting"), run([wait("signin", "answered")]), "running"],
] as const)("%s", (_, c, r, want) => expect(cardState(c, r)).toBe(want));

test("cancelling shows until it has ended", () => {
  expect(cardState(call("started"), run(), true)).toBe("cancelling");
  expect(cardState(call("failed", "cancelled"), run(), true)).toBe("cancelled");
});

test("each state has words of its own, and only what a person ended says so", () => {
  const words = Object.values(looks).map((l) => l.words);
  expect(new Set(words).size).toBe(words.length);
  for (const [state, look] of Object.entries(looks)) expect(/by you|you did/i.test(look.words), state).toBe(["cancelled", "denied", "declined", "skipped"].includes(state));
});
