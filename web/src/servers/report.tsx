import { CircleAlert, CircleCheck } from "lucide-react";
import type { Report, Step } from "../api/schema";
import { duration } from "../lib/format";
import { label, visible } from "../lib/text";
import { Banner } from "../ui/feedback";

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

/** Verdict says whether a server is in order, and the one thing to do. */
export function Verdict({ report }: { report: Report }) {
  return (
    <Banner tone={report.ok ? "note" : "error"}>
      <p className="font-medium">{report.ok ? "Everything is in order." : "Something is not in order."}</p>
      {report.next && <p className="foreign">{visible(report.next)}</p>}
    </Banner>
  );
}

/** Steps are what was looked at, and what was seen. */
export function Steps({ report }: { report: Report }) {
  return (
    <ol className="divide-y divide-line">
      {(report.steps ?? []).map((s, i) => (
        <Look key={i} step={s} />
      ))}
    </ol>
  );
}
