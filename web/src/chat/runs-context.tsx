import { createContext, type ReactNode, useCallback, useContext, useState, useSyncExternalStore } from "react";
import { readRun } from "./remote";
import { type Live, Runs } from "./runs";
import type { RunView } from "./types";

const RunsContext = createContext<Runs | null>(null);

/** RunsProvider holds the runs of the page. */
export function RunsProvider({ children, runs: given }: { children: ReactNode; runs?: Runs }) {
  const [runs] = useState(() => given ?? new Runs({ fetch: readRun }));
  return <RunsContext value={runs}>{children}</RunsContext>;
}

export function useRuns(): Runs {
  const runs = useContext(RunsContext);
  if (!runs) throw new Error("useRuns is used outside of RunsProvider");
  return runs;
}

/** useRun is a run as it is now; run is what was read of it. */
export function useRun(run: RunView): Live {
  const runs = useRuns();
  if (!runs.current(run.id)) runs.seed(run); // a reading: it tells nobody
  const watch = useCallback((w: () => void) => runs.watch(run.id, w), [runs, run.id]);
  return useSyncExternalStore(watch, () => runs.current(run.id)) ?? { run, writing: null, progress: {} };
}
