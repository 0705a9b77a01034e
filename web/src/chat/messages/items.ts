// An answer as the list of what is shown of it, in order.
import type { Live } from "../runs";
import type { CallView, Part, RunView } from "../types";

export type Item =
  | { kind: "part"; key: string; part: Part; growing: boolean }
  | { kind: "call"; key: string; call: CallView }
  | { kind: "calls"; key: string; calls: CallView[] };

const least = 3; // finished calls in a row that fold

// writing stands for a call whose arguments are still on their way.
function asked(run: RunView, part: Part, step: number, index: number, growing: boolean): CallView {
  const id = part.call?.id ?? "";
  const known = run.calls?.find((c) => c.id === id && id !== "");
  if (known) return known;
  const [tool = "", server = ""] = split(part.call?.name ?? "");
  const over = !growing && (run.status === "stopped" || run.status === "failed" || run.status === "interrupted" || run.status === "done");
  return {
    id, step, index, name: part.call?.name ?? "", serverName: server, tool, args: part.call?.args ?? "",
    state: over ? "failed" : "queued", isError: false, problem: over ? "It was not sent." : "", reason: over ? "not_sent" : "", startedAt: null, endedAt: null,
  };
}

function split(key: string): [string, string] {
  const at = key.lastIndexOf("_mcp_");
  return at > 0 ? [key.slice(0, at), key.slice(at + 5)] : [key, ""];
}

const shown = (p: Part): boolean => p.kind !== "vendor" && p.kind !== "result" && !((p.kind === "text" || p.kind === "refusal") && !p.text?.trim()) && !(p.kind === "reasoning" && !p.text?.trim());

/** itemsOf lists what an answer shows. Finished calls in a row are one item once something follows. */
export function itemsOf({ run, writing }: Live): Item[] {
  const items: Item[] = [];
  const steps = (run.steps ?? []).map((s) => s.message);
  const all = writing ? [...steps, writing] : steps;
  all.forEach((message, step) => {
    const open = message === writing;
    const parts = message.parts ?? [];
    let calls = 0;
    parts.forEach((part, i) => {
      const key = `${step}-${i}`;
      const growing = open && i === parts.length - 1;
      if (part.kind === "call") items.push({ kind: "call", key, call: asked(run, part, step + 1, calls++, open) });
      else if (shown(part)) items.push({ kind: "part", key, part, growing });
    });
  });
  return fold(items, run.status !== "running" && run.status !== "waiting");
}

const finished = (i: Item): i is Extract<Item, { kind: "call" }> => i.kind === "call" && i.call.state === "done" && !i.call.isError;

function fold(items: Item[], over: boolean): Item[] {
  const folded: Item[] = [];
  for (let i = 0; i < items.length; ) {
    let end = i;
    while (end < items.length && finished(items[end] as Item)) end++;
    if (end - i >= least && (over || end < items.length)) {
      folded.push({ kind: "calls", key: items[i]?.key ?? "", calls: items.slice(i, end).filter(finished).map((c) => c.call) });
      i = end;
    } else {
      folded.push(items[i] as Item);
      i++;
    }
  }
  return folded;
}

/** textOf is what an answer says, for the clipboard. */
export function textOf({ run, writing }: Live): string {
  const all = [...(run.steps ?? []).map((s) => s.message), ...(writing ? [writing] : [])];
  return all
    .flatMap((m) => m.parts ?? [])
    .filter((p) => (p.kind === "text" || p.kind === "refusal") && p.text)
    .map((p) => p.text)
    .join("\n\n");
}

export const wordsIn = (text: string): number => text.match(/\S+/g)?.length ?? 0;
