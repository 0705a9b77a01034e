import { Check, ChevronDown } from "lucide-react";
import { useId, useState } from "react";
import { cx } from "../../lib/cx";
import { duration } from "../../lib/format";
import type { CallView, RunView } from "../types";
import { ToolCard } from "./tool-card";

// spent is from the first start to the last end: calls of one turn run at the same time.
function spent(calls: CallView[]): number {
  const starts = calls.map((c) => Date.parse(c.startedAt ?? "")).filter(Number.isFinite);
  const ends = calls.map((c) => Date.parse(c.endedAt ?? "")).filter(Number.isFinite);
  return starts.length > 0 && ends.length > 0 ? Math.max(0, Math.max(...ends) - Math.min(...starts)) : 0;
}

/** CallGroup is finished calls in a row, folded to one line. */
export function CallGroup({ calls, run }: { calls: CallView[]; run: RunView }) {
  const [open, setOpen] = useState(false);
  const id = useId();
  return (
    <div className="flex flex-col gap-2">
      <button type="button" aria-expanded={open} aria-controls={id} onClick={() => setOpen(!open)} className="flex min-h-11 items-center gap-2.5 rounded-xl border border-line bg-surface px-3 text-left text-sm hover:bg-sunken md:min-h-10">
        <Check aria-hidden className="size-4 shrink-0 text-ok" />
        <span className="min-w-0 flex-1">
          {calls.length} tool calls<span className="sr-only"> done</span>, <span className="tabular-nums">{duration(spent(calls))}</span>
        </span>
        <ChevronDown aria-hidden className={cx("size-4 shrink-0 text-muted transition-transform", open && "rotate-180")} />
      </button>
      <div id={id} hidden={!open} className="flex flex-col gap-2 pl-4">
        {open && calls.map((c) => <ToolCard key={c.id} call={c} run={run.id} status={run.status} waits={run.waits} />)}
      </div>
    </div>
  );
}
