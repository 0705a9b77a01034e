import { useMutation } from "@tanstack/react-query";
import { ChevronDown, Square } from "lucide-react";
import { lazy, memo, Suspense, useEffect, useId, useRef, useState } from "react";
import { messageOf } from "../../api/errors";
import { cx } from "../../lib/cx";
import { duration } from "../../lib/format";
import { label, visible } from "../../lib/text";
import { Button } from "../../ui/button";
import { cancelCall } from "../remote";
import type { CallView, Progress, RunStatus, WaitView } from "../types";
import { useElapsed } from "../use-elapsed";
import { useServerTitle } from "../use-server-title";
import { cardState, looks, openWait } from "./state";

const load = () => import("./card-body");
const CardBody = lazy(async () => ({ default: (await load()).CardBody }));

interface Props {
  call: CallView;
  run: string;
  status: RunStatus;
  waits: readonly WaitView[] | null;
  progress?: Progress;
}

/** ToolCard is one tool call: where it stands, what it was called with, what came back. */
export const ToolCard = memo(function ToolCard({ call, run, status, waits, progress }: Props) {
  const [open, setOpen] = useState(false);
  const cancel = useMutation({ mutationFn: () => cancelCall(run, call.id) });
  const state = cardState(call, { waits: waits as WaitView[], status }, cancel.isPending || cancel.isSuccess);
  const wait = openWait(waits, call.id);
  const look = looks[state];
  const took = useElapsed(call.startedAt, look.over ? (call.endedAt ?? call.startedAt) : null);
  const body = useId();
  const card = useRef<HTMLDivElement>(null);
  const tool = label(call.tool || call.name, 80);
  const server = label(useServerTitle(call.serverName), 60);
  const shown = open || wait !== undefined;
  useKeepFocus(card, wait?.id);
  useEffect(() => void load(), []); // so that it opens at once
  return (
    <div
      ref={card}
      role="group"
      tabIndex={-1}
      data-wait={wait?.id}
      aria-label={`${tool}${server && ` on ${server}`}`}
      className={cx("overflow-hidden rounded-xl border bg-surface", wait ? (wait.kind === "question" ? "border-busy" : "border-key") : "border-line")}
    >
      <div className="flex items-center gap-1 pr-1.5">
        <button type="button" aria-expanded={shown} aria-controls={body} onClick={() => setOpen(!open)} className="flex min-h-11 min-w-0 flex-1 items-center gap-2.5 rounded-xl px-3 py-1.5 text-left text-sm hover:bg-sunken focus-visible:outline-offset-[-2px] md:min-h-10">
          <look.icon aria-hidden className={cx("size-4 shrink-0", look.colour, (state === "running" || state === "cancelling") && "animate-spin motion-reduce:animate-none")} />
          <span className="flex min-w-0 flex-1 flex-col sm:flex-row sm:items-baseline sm:gap-2">
            <span className="flex min-w-0 items-baseline gap-2">
              <span className="foreign min-w-0 truncate font-medium [overflow-wrap:normal]">{tool}</span>
              {server && <span className="foreign min-w-0 shrink-[2] truncate text-muted [overflow-wrap:normal]">{server}</span>}
            </span>
            <span className={cx("text-xs sm:ml-auto sm:shrink-0", look.colour, state === "done" && "sr-only")}>{look.words}</span>
          </span>
          {took !== null && <span className="shrink-0 text-xs tabular-nums text-muted">{duration(look.over ? took : Math.round(took / 100) * 100)}</span>}
          <ChevronDown aria-hidden className={cx("size-4 shrink-0 text-muted transition-transform", shown && "rotate-180")} />
        </button>
        {(state === "running" || state === "queued" || state === "cancelling") && call.state !== "waiting" && (
          <Button look="quiet" icon={Square} busy={state === "cancelling"} onClick={() => cancel.mutate()} className="min-h-9! px-2.5! text-xs! md:min-h-8!">
            Cancel<span className="sr-only"> {tool}</span>
          </Button>
        )}
      </div>
      {state === "running" && progress && <ProgressLine progress={progress} tool={tool} />}
      {cancel.isError && (
        <p role="alert" className="px-3 pb-2 text-sm text-danger">
          {messageOf(cancel.error)}
        </p>
      )}
      <div id={body} hidden={!shown}>
        {shown && (
          <Suspense fallback={<div className="h-24" />}>
            <CardBody call={call} run={run} wait={wait} state={state} tool={tool} server={server} took={took} details={open} />
          </Suspense>
        )}
      </div>
    </div>
  );
});

// When what was waited for goes, the button that was pressed goes with it: the card keeps the focus.
function useKeepFocus(card: React.RefObject<HTMLElement | null>, wait: string | undefined): void {
  const had = useRef(false);
  const before = useRef(wait);
  useEffect(() => {
    const note = () => {
      had.current = card.current?.contains(document.activeElement) ?? false;
    };
    document.addEventListener("focusin", note);
    return () => document.removeEventListener("focusin", note);
  }, [card]);
  useEffect(() => {
    if (before.current && !wait && had.current && (document.activeElement === document.body || !document.activeElement)) card.current?.focus({ preventScroll: true });
    before.current = wait;
  }, [card, wait]);
}

function ProgressLine({ progress, tool }: { progress: Progress; tool: string }) {
  const { total } = progress;
  return (
    <div className="flex flex-col gap-1 px-3 pb-2.5">
      <progress aria-label={`Progress of ${tool}`} {...(total ? { value: progress.progress, max: total } : {})} />
      <p className="foreign text-xs text-muted">
        {total ? `${progress.progress} of ${total}` : progress.progress}
        {progress.message && ` – ${visible(progress.message.slice(0, 300))}`}
      </p>
    </div>
  );
}
