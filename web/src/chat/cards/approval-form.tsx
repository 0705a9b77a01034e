import { ChevronDown } from "lucide-react";
import { type KeyboardEvent, useEffect, useId, useRef, useState } from "react";
import { messageOf } from "../../api/errors";
import { Button } from "../../ui/button";
import { AreaField } from "../../ui/field-more";
import { Banner } from "../../ui/feedback";
import { approve } from "../remote";
import type { WaitView } from "../types";
import { span, useLeft } from "../use-elapsed";
import { useAnswer } from "./use-answer";

/** whys say why a person is asked. */
export const whys: Record<string, string> = {
  not_read_only: "the server does not mark it as read-only",
  destructive: "the server marks it as destructive",
  rule: "an administrator's rule asks for it",
  changed: "the tool changed since you allowed it",
};

const isEmpty = (args = ""): boolean => /^\s*(\{\s*\})?\s*$/.test(args);

type Decision = { decision: "allow" | "deny"; scope?: "once" | "chat" | "always"; reason?: string };

/** ApprovalForm asks for a yes or a no to one call, with the arguments that are on screen. */
export function ApprovalForm({ wait, tool, server }: { wait: WaitView; tool: string; server: string }) {
  const [more, setMore] = useState<"" | "always" | "deny">("");
  const [reason, setReason] = useState("");
  const answer = useAnswer((d: Decision) => approve(wait.id, d));
  const left = useLeft(wait.expiresAt);
  const form = useRef<HTMLDivElement>(null);
  const id = useId();
  const busy = (want: Decision["decision"], scope?: Decision["scope"]) => answer.isPending && answer.variables?.decision === want && answer.variables.scope === scope;
  const decide = (d: Decision) => {
    if (!answer.isPending) answer.mutate(d);
  };
  useCardKeys(form, (key) => {
    if (key === "a") decide({ decision: "allow", scope: "once" });
    else setMore("deny");
  });
  return (
    <div ref={form} role="group" aria-labelledby={`${id}-ask`} className="flex flex-col gap-3 rounded-xl border border-key bg-key-tint p-3">
      <div className="text-sm">
        <p id={`${id}-ask`} className="foreign font-medium">
          Allow {tool} {server && `on ${server} `}
          {isEmpty(wait.args) ? "without arguments?" : "with the arguments above?"}
        </p>
        <p className="text-muted">
          Asked because {whys[wait.why ?? ""] ?? "it may change something"}.
          {left !== null && left < 7200 && ` Waits for another ${span(left)}.`}
        </p>
      </div>
      {answer.isError && (
        <Banner tone="error" alert>
          {messageOf(answer.error)}
        </Banner>
      )}
      <div className="flex flex-wrap items-center gap-2">
        <Button look="primary" busy={busy("allow", "once")} onClick={() => decide({ decision: "allow", scope: "once" })} aria-keyshortcuts="a">
          Allow once
        </Button>
        <Button busy={busy("allow", "chat")} onClick={() => decide({ decision: "allow", scope: "chat" })}>
          Allow for this chat
        </Button>
        <Button aria-expanded={more === "always"} aria-controls={`${id}-more`} onClick={() => setMore(more === "always" ? "" : "always")}>
          Always allow…
          <ChevronDown aria-hidden className="size-4" />
        </Button>
        <Button look="danger" busy={busy("deny")} aria-expanded={more === "deny"} aria-controls={`${id}-more`} onClick={() => setMore(more === "deny" ? "" : "deny")} aria-keyshortcuts="d">
          Deny
        </Button>
        <span className="text-xs text-muted max-md:hidden">
          <kbd className="rounded border border-line px-1">A</kbd> allows, <kbd className="rounded border border-line px-1">D</kbd> denies while the card has the focus
        </span>
      </div>
      <div id={`${id}-more`} hidden={more === ""}>
        {more === "always" && (
          <div className="flex flex-col gap-2 text-sm">
            <p className="foreign">
              <strong>{tool}</strong> on <strong>{server}</strong> will run for you in every chat without being asked about, whatever its arguments. It ends when the server changes the tool, or when you take it back in Settings.
            </p>
            <Button look="danger" className="self-start" busy={busy("allow", "always")} onClick={() => decide({ decision: "allow", scope: "always" })}>
              Always allow {tool}
            </Button>
          </div>
        )}
        {more === "deny" && (
          <form
            className="flex flex-col gap-2"
            onSubmit={(e) => {
              e.preventDefault();
              decide({ decision: "deny", reason: reason.trim() });
            }}
          >
            <AreaField label="Reason" optional autoFocus rows={2} maxLength={2000} help="The model is told." value={reason} onChange={(e) => setReason(e.target.value)} />
            <Button type="submit" look="danger" className="self-start" busy={busy("deny")}>
              Deny the call
            </Button>
          </form>
        )}
      </div>
    </div>
  );
}

// useCardKeys hears A and D while the card, and nothing one types into, has the focus.
function useCardKeys(form: React.RefObject<HTMLElement | null>, act: (key: "a" | "d") => void): void {
  const latest = useRef(act);
  latest.current = act;
  useEffect(() => {
    const card = form.current?.closest<HTMLElement>("[data-wait]");
    const hear = (event: Event) => {
      const e = event as unknown as KeyboardEvent;
      const target = event.target as HTMLElement;
      if (e.ctrlKey || e.metaKey || e.altKey || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName)) return;
      const key = e.key.toLowerCase();
      if (key !== "a" && key !== "d") return;
      event.preventDefault();
      latest.current(key);
    };
    card?.addEventListener("keydown", hear);
    return () => card?.removeEventListener("keydown", hear);
  }, [form]);
}
