import { useEffect, useRef, useState } from "react";
import { remember } from "./history";
import { callTool, type Continue, type LogLine, type Progress, type Result } from "./run";

const mostLines = 500;

/** Running is the state of the one call that the playground makes at a time. */
export interface Running {
  phase: "idle" | "running" | "done";
  progress: Progress | null;
  log: LogLine[];
  result: Result | null;
  took: number;
  args: string;
  startedAt: number;
}

const idle: Running = { phase: "idle", progress: null, log: [], result: null, took: 0, args: "{}", startedAt: 0 };

export function useRun(server: string, tool: string) {
  const [state, setState] = useState<Running>(idle);
  const current = useRef<AbortController | null>(null);
  useEffect(() => () => current.current?.abort(), []);
  const run = async (args: string, more?: Continue) => {
    if (current.current) return;
    const abort = new AbortController();
    current.current = abort;
    const startedAt = performance.now();
    setState((s) => ({ ...idle, log: more ? s.log : [], phase: "running", args, startedAt }));
    const result = await callTool(
      server,
      tool,
      args,
      {
        onProgress: (progress) => setState((s) => ({ ...s, progress })),
        onLog: (line) => setState((s) => ({ ...s, log: [...s.log, line].slice(-mostLines) })),
      },
      abort.signal,
      more,
    );
    current.current = null;
    const took = performance.now() - startedAt;
    setState((s) => ({ ...s, phase: "done", result, took }));
    if (result.kind !== "question") remember(server, tool, { args, at: Date.now(), took, result });
  };
  return {
    state,
    run: (args: string, more?: Continue) => void run(args, more),
    cancel: () => current.current?.abort(),
    /** show puts a past call back on screen. */
    show: (args: string, result: Result, took: number) => setState({ ...idle, phase: "done", args, result, took }),
  };
}
