import { describe, expect, test, vi } from "vitest";
import { Builder, utf8 } from "./partial";
import { Runs } from "./runs";
import type { Delta, RunNote, RunView } from "./types";

const run = (more: Partial<RunView> = {}): RunView => ({
  id: "r", conversationId: "c", questionId: "q", answerId: "a", status: "running", settings: {}, provider: "p", model: "m", step: 0, seq: 1,
  usage: { input: 0, output: 0 }, end: null, steps: [], calls: [], waits: [], partial: null, createdAt: null, endedAt: null, ...more,
});
const text = (offset: number, ...texts: string[]): RunNote => ({ runId: "r", conversationId: "c", seq: 1, kind: "delta", data: { step: 0, offset, deltas: texts.map((t): Delta => ({ part: 0, kind: "text", text: t })) } });
const fact = (seq: number, kind: RunNote["kind"], data: unknown): RunNote => ({ runId: "r", conversationId: "c", seq, kind, data }) as RunNote;
const said = (t: string) => ({ role: "model", parts: [{ kind: "text" as const, text: t }] });

function make(fetched: RunView[] = []) {
  const fetch = vi.fn(async () => fetched.shift() ?? run({ seq: 99, status: "done" }));
  let flush: () => void = vi.fn();
  const runs = new Runs({ fetch, frame: (f) => { flush = f; }, later: (again) => again() });
  return { runs, fetch, paint: () => { flush(); return runs.current("r"); } };
}
const wrote = (l: ReturnType<Runs["current"]>) => l?.writing?.parts?.map((p) => p.text ?? "").join("|");

test("bytes are counted as on the wire", () => {
  for (const t of ["", "abc", "é", "€", "🙂", "a🙂é€\u0000"]) expect(utf8(t)).toBe(new TextEncoder().encode(t).length);
});

describe("fragments", () => {
  test("add up, once a frame", () => {
    const { runs, paint } = make();
    runs.seed(run());
    const told = vi.fn();
    runs.watch("r", told);
    runs.hear(text(0, "Hé"));
    runs.hear(text(3, "llo"));
    expect(told).not.toHaveBeenCalled();
    expect(wrote(paint())).toBe("Héllo");
    expect(told).toHaveBeenCalledOnce();
  });

  test("that came before are not added again", () => {
    const { runs, paint, fetch } = make();
    runs.seed(run({ partial: { step: 0, offset: 5, message: said("Hello") } }));
    runs.hear(text(0, "Hel", "lo", " you"));
    expect(wrote(paint())).toBe("Hello you");
    expect(fetch).not.toHaveBeenCalled();
  });

  test.each([
    ["after a gap", text(7, "!")],
    ["cut elsewhere", text(0, "Hello y")],
    ["after a fact that was missed", { ...text(5, "x"), seq: 3 }],
  ])("%s make it read anew", async (_, note) => {
    const { runs, paint, fetch } = make([run({ seq: note.seq, partial: { step: 0, offset: 8, message: said("Hello yo") } })]);
    runs.seed(run({ partial: { step: 0, offset: 5, message: said("Hello") } }));
    runs.hear(note);
    runs.hear({ ...text(8, "u"), seq: note.seq });
    await vi.waitFor(() => expect(wrote(paint())).toMatch(/^Hello you/));
    expect(fetch.mock.calls.length).toBeGreaterThan(0);
  });

  test("parts that do not change stay the same object", () => {
    const b = new Builder(0);
    b.take(0, [{ part: 0, kind: "reasoning", text: "hm" }, { part: 1, kind: "text", text: "a" }]);
    const before = b.message().parts;
    b.take(3, [{ part: 1, text: "b" }]);
    const after = b.message().parts;
    expect(after?.[0]).toBe(before?.[0]);
    expect(after?.[1]?.text).toBe("ab");
    b.take(4, [{ part: 2, kind: "call", callId: "x", callName: "add", callArgs: "{" }, { part: 2, callArgs: "}" }]);
    expect(b.message().parts?.[2]?.call).toEqual({ id: "x", name: "add", args: "{}" });
  });
});

describe("facts", () => {
  test("come in order, once", () => {
    const { runs, paint } = make();
    runs.seed(run());
    runs.hear(text(0, "Hi"));
    const done = fact(2, "message", { step: 0, index: 0, message: said("Hi") });
    runs.hear(done);
    runs.hear(done);
    runs.hear(text(2, " again")); // of the message that is finished
    runs.hear(fact(3, "call", { id: "k", state: "queued" }));
    runs.hear(fact(4, "call", { id: "k", state: "done" }));
    const live = paint();
    expect(live?.writing).toBeNull();
    expect(live?.run.steps?.length).toBe(1);
    expect(live?.run.calls).toMatchObject([{ id: "k", state: "done" }]);
  });

  test("one that is missing makes it read anew", async () => {
    const { runs, paint, fetch } = make([run({ seq: 4 })]);
    runs.seed(run());
    runs.hear(fact(4, "status", { status: "running" }));
    await vi.waitFor(() => expect(paint()?.run.seq).toBe(4));
    expect(fetch).toHaveBeenCalledOnce();
  });

  test("the end brings what it cost", async () => {
    const { runs, paint } = make([run({ seq: 2, status: "done", usage: { input: 5, output: 7 } })]);
    runs.seed(run());
    runs.hear(fact(2, "status", { status: "done", end: { stop: "end" } }));
    await vi.waitFor(() => expect(paint()?.run.usage.output).toBe(7));
  });

  test("an older reading changes nothing, and of unknown runs nothing is kept", () => {
    const { runs } = make();
    runs.seed(run({ seq: 5 }));
    runs.seed(run({ seq: 3, status: "failed" }));
    expect(runs.current("r")?.run.status).toBe("running");
    expect(runs.hear({ ...text(0, "x"), runId: "other" })).toBe(false);
  });

  test("what was heard since a reading stays", () => {
    const { runs, paint } = make();
    runs.seed(run());
    runs.hear(text(0, "Hello"));
    runs.seed(run({ partial: { step: 0, offset: 2, message: said("He") } }));
    expect(wrote(paint())).toBe("Hello");
  });

  test("what was heard before the run was known makes it read anew", async () => {
    const { runs, paint, fetch } = make([run({ seq: 9, status: "done" })]);
    expect(runs.hear(fact(2, "status", { status: "done" }))).toBe(false);
    runs.seed(run());
    await vi.waitFor(() => expect(paint()?.run.status).toBe("done"));
    expect(fetch).toHaveBeenCalledOnce();
  });

  test("a fetch that fails leaves what is there", async () => {
    const runs = new Runs({ fetch: async () => { throw new Error("away"); }, frame: (f) => f() });
    runs.seed(run());
    runs.again();
    await Promise.resolve();
    expect(runs.current("r")?.run.status).toBe("running");
  });
});

test("a run that was at its end before it was known is read", async () => {
  const { runs, paint, fetch } = make([run({ seq: 7, status: "done" })]);
  for (const seq of [2, 7, 6]) expect(runs.hear(fact(seq, "status", { status: "running" }))).toBe(false);
  runs.seed(run());
  await vi.waitFor(() => expect(paint()?.run.status).toBe("done"));
  expect(fetch).toHaveBeenCalledOnce();
});
