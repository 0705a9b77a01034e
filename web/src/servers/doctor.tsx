import { useMutation } from "@tanstack/react-query";
import { CircleAlert, CircleCheck, Stethoscope } from "lucide-react";
import { call } from "../api/client";
import type { ServerView, Step } from "../api/schema";
import { duration } from "../lib/format";
import { label, visible } from "../lib/text";
import { Button } from "../ui/button";
import { Banner, Failed } from "../ui/feedback";

function Look({ step }: { step: Step }) {
  const Icon = step.ok ? CircleCheck : CircleAlert;
  return (
    <li className="flex gap-3 py-3 first:pt-0 last:pb-0">
      <Icon aria-hidden className={`mt-0.5 size-4.5 shrink-0 ${step.ok ? "text-ok" : "text-danger"}`} />
      <div className="min-w-0 flex-1 text-sm">
        <p className="font-medium">
          <span className="foreign">{label(step.name)}</span>
          <span className="sr-only">: {step.ok ? "in order" : "not in order"}</span>
        </p>
        <p className="foreign">{visible(step.answer.slice(0, 2000))}</p>
        <p className="foreign text-muted">
          {step.asked && <code>{visible(step.asked.slice(0, 500))}</code>}
          {step.status ? ` · HTTP ${step.status}` : ""} · {duration(step.tookMs)}
        </p>
      </div>
    </li>
  );
}

/** Doctor looks at a server step by step, and says what it saw and what to do. */
export function Doctor({ server }: { server: ServerView }) {
  const look = useMutation({ mutationFn: () => call("diagnose", { path: { serverName: server.name } }) });
  const report = look.data;
  return (
    <div className="flex flex-col gap-4">
      <p className="text-sm text-muted">Tries each step of a connection and shows what it saw. It changes nothing.</p>
      <div>
        <Button look="primary" icon={Stethoscope} busy={look.isPending} onClick={() => look.mutate()}>
          {look.isPending ? "Checking…" : report ? "Check again" : "Check this server"}
        </Button>
      </div>
      {look.isError && <Failed error={look.error} what="The check" />}
      <div aria-live="polite">
        {report && !look.isPending && (
          <Banner tone={report.ok ? "note" : "error"}>
            <p className="font-medium">{report.ok ? "Everything is in order." : "Something is not in order."}</p>
            {report.next && <p className="foreign">{visible(report.next)}</p>}
          </Banner>
        )}
      </div>
      {report && (
        <ol className="divide-y divide-line">
          {(report.steps ?? []).map((s, i) => (
            <Look key={i} step={s} />
          ))}
        </ol>
      )}
    </div>
  );
}
