import { lazy, Suspense } from "react";
import { label } from "../../lib/text";
import type { RunView, WaitView } from "../types";
import { useServerTitle } from "../use-server-title";

const WaitForm = lazy(async () => ({ default: (await import("../cards/wait-form")).WaitForm }));

/** Orphans are questions that no call on screen can be told for. */
export function Orphans({ run }: { run: RunView }) {
  const known = new Set(run.calls?.map((c) => c.id));
  const waits = run.waits?.filter((w) => w.status === "open" && (!w.callId || !known.has(w.callId))) ?? [];
  return waits.map((w) => <Orphan key={w.id} wait={w} />);
}

function Orphan({ wait }: { wait: WaitView }) {
  const server = label(useServerTitle(wait.serverName), 60);
  return (
    <div role="group" tabIndex={-1} data-wait={wait.id} aria-label={`${server} waits for you`}>
      <Suspense fallback={<div className="h-24" />}>
        <WaitForm wait={wait} tool={label(wait.tool, 80) || "the answer"} server={server} />
      </Suspense>
    </div>
  );
}
