import { useMutation } from "@tanstack/react-query";
import { ArrowDown, KeyRound, MessageCircleQuestion, ShieldQuestion } from "lucide-react";
import { useCallback, useEffect, useRef } from "react";
import { messageOf } from "../api/errors";
import { label } from "../lib/text";
import { Button } from "../ui/button";
import { approve } from "./remote";
import { useRuns } from "./runs-context";
import type { WaitView } from "./types";
import { useServerTitle } from "./use-server-title";

const icons = { approval: ShieldQuestion, question: MessageCircleQuestion, signin: KeyRound };

function sentence(w: WaitView, title: string): string {
  const server = label(title, 60) || "A server";
  if (w.kind === "approval") return `${label(w.tool, 80)} on ${server} needs your approval`;
  return w.kind === "question" ? `${server} is waiting for your answer` : `${server} needs you to sign in`;
}

/** goTo brings the card of a wait into view and gives it the focus; it reports whether there is one. */
function goTo(wait: string): boolean {
  const card = document.querySelector<HTMLElement>(`[data-wait="${CSS.escape(wait)}"]`);
  card?.scrollIntoView({ block: "center" });
  card?.focus({ preventScroll: true });
  return card !== null;
}

/** WaitBar says that somebody has to do something, wherever the page is scrolled to. */
export function WaitBar({ waits }: { waits: WaitView[] }) {
  const runs = useRuns();
  const at = useRef(-1);
  const latest = useRef(waits);
  latest.current = waits;
  const next = useCallback(() => {
    const list = latest.current;
    for (let tried = 0; tried < list.length; tried++) {
      at.current = (at.current + 1) % list.length;
      if (goTo(list[at.current]?.id ?? "")) return;
    }
  }, []);
  useEffect(() => {
    const hear = (e: KeyboardEvent) => {
      if (e.key !== "F6" || latest.current.length === 0) return;
      e.preventDefault();
      next();
    };
    document.addEventListener("keydown", hear);
    return () => document.removeEventListener("keydown", hear);
  }, [next]);
  const approvals = waits.filter((w) => w.kind === "approval");
  const all = useMutation({
    mutationFn: async () => {
      for (const w of approvals) runs.answered(await approve(w.id, { decision: "allow", scope: "once" }));
    },
  });
  const first = waits[0];
  const title = useServerTitle(first?.serverName ?? "");
  if (!first) return null;
  const said = sentence(first, title);
  const Icon = icons[first.kind];
  const go = first.kind === "question" ? "Go to form" : "Go to it";
  return (
    <div className="flex flex-wrap items-center gap-x-3 gap-y-2 rounded-xl border border-key bg-key-tint px-3 py-2 text-sm text-key">
      <Icon aria-hidden className="size-4.5 shrink-0" />
      <p className="foreign min-w-0 flex-1 basis-40 font-medium">
        {waits.length === 1 ? said : `${waits.length} calls wait for you: ${said}, and ${waits.length - 1} more`}
        {all.isError && <span className="block text-danger">{messageOf(all.error)}</span>}
      </p>
      <span className="flex flex-wrap gap-2">
        {approvals.length > 1 && (
          <Button busy={all.isPending} onClick={() => all.mutate()}>
            Allow these {approvals.length} once
          </Button>
        )}
        <Button icon={ArrowDown} onClick={next} aria-keyshortcuts="F6">
          {go} <kbd className="text-xs text-muted max-md:hidden">F6</kbd>
        </Button>
      </span>
    </div>
  );
}
