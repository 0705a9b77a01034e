import { lazy, Suspense } from "react";
import { label } from "../../lib/text";
import type { RunView } from "../types";

const WaitForm = lazy(async () => ({ default: (await import("../cards/wait-form")).WaitForm }));

/** Orphans are questions that no call on screen can be told for. */
export function Orphans({ run }: { run: RunView }) {
  const known = new Set(run.calls?.map((c) => c.id));
  const waits = run.waits?.filter((w) => w.status === "open" && (!w.callId || !known.has(w.callId))) ?? [];
  return waits.map((w) => (
    <div role="group" key={w.id} tabIndex={-1} data-wait={w.id} aria-label={`${label(w.serverName, 60)} waits for you`}>
      <Suspense fallback={<div className="h-24" />}>
        <WaitForm wait={w} tool={label(w.tool, 80) || "The call"} server={label(w.serverName, 60)} />
      </Suspense>
    </div>
  ));
}
