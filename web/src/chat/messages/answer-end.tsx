import { useMutation } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { CircleSlash, RotateCw } from "lucide-react";
import { useState } from "react";
import { messageOf } from "../../api/errors";
import { useLink } from "../../shell/live";
import { visible } from "../../lib/text";
import { Button, buttonClass } from "../../ui/button";
import { Banner } from "../../ui/feedback";
import { resumeRun } from "../remote";
import { useRuns } from "../runs-context";
import { active, type RunEnd, type RunView } from "../types";
import { span, useLeft } from "../use-elapsed";

// What a person can do about a model that does not answer.
const causes: Record<string, string> = {
  auth: "The key for this model is missing or wrong.",
  quota: "The account of this key has no credit left.",
  rate_limited: "The model's provider wants fewer requests.",
  overloaded: "The model's provider has no room just now.",
  not_found: "There is no such model at this provider.",
  too_long: "The conversation does not fit what this model can read. Begin a new one, or go back to an earlier message.",
  bad_request: "The provider refused the request.",
  filtered: "A content filter of the provider refused it.",
  unreachable: "The provider cannot be reached.",
  timeout: "The model did not answer in time.",
  cut: "The answer broke off before its end.",
  protocol: "What came from the provider could not be read.",
  too_large: "The answer grew too large.",
  vendor: "The provider failed.",
};

const limits: Record<string, string> = {
  steps: "It stopped here because it used tools as often in a row as an answer may.",
  time: "It stopped here because its time was up.",
  tokens: "It stopped here because it used as many tokens as an answer may.",
};

/** AnswerEnd says how an answer ended when it is not simply done, and what can be done. */
export function AnswerEnd({ run, last }: { run: RunView; last: boolean }) {
  const { link } = useLink();
  const runs = useRuns();
  const resume = useMutation({ mutationFn: () => resumeRun(run.id), onSuccess: () => runs.refresh(run.id) });
  const failed = resume.isError && (
    <p role="alert" className="text-sm text-danger">
      {messageOf(resume.error)}
    </p>
  );
  if (active(run.status)) {
    if (link !== "down") return null;
    return <p className="text-sm text-key">Reconnecting… The answer goes on at patchbay.</p>;
  }
  switch (run.status) {
    case "stopped":
      return (
        <p className="flex items-center gap-2 text-sm text-muted">
          <CircleSlash aria-hidden className="size-4" />
          Stopped by you.
        </p>
      );
    case "interrupted":
      return (
        <Banner
          tone="warning"
          action={
            last && (
              <Button icon={RotateCw} busy={resume.isPending} onClick={() => resume.mutate()}>
                Continue
              </Button>
            )
          }
        >
          <p className="font-medium">patchbay was restarted in the middle of this answer.</p>
          <p>What was written is kept. No tool is called twice.</p>
          {failed}
        </Banner>
      );
    case "failed":
      return <ModelFailed end={run.end} last={last} busy={resume.isPending} retry={() => resume.mutate()} failed={failed} />;
  }
  return <Note end={run.end} />;
}

function Note({ end }: { end: RunEnd | null }) {
  const text =
    end?.stop === "limit" ? (limits[end.limit ?? ""] ?? "It stopped here at a limit.") : end?.stop === "length" ? "The answer was cut at the model's limit." : end?.stop === "refusal" ? "The model did not want to answer." : "";
  if (!text && !end?.message) return null;
  return <p className="foreign text-sm text-muted">{[text, end?.message && visible(end.message)].filter(Boolean).join(" ")}</p>;
}

function ModelFailed({ end, last, busy, retry, failed }: { end: RunEnd | null; last: boolean; busy: boolean; retry: () => void; failed: React.ReactNode }) {
  const error = end?.error;
  const wait = useRetryAfter(error?.retryAfter);
  return (
    <Banner
      tone="error"
      action={
        last && (
          <span className="flex flex-wrap gap-2">
            {error?.kind === "auth" && (
              <Link to={"/settings/keys"} className={buttonClass()}>
                Model keys
              </Link>
            )}
            <Button icon={RotateCw} busy={busy || wait > 0} onClick={retry}>
              {wait > 0 ? `Try again in ${span(wait)}` : "Try again"}
            </Button>
          </span>
        )
      }
    >
      <p className="font-medium">{causes[error?.kind ?? ""] ?? "The model did not answer."}</p>
      {(error?.message || end?.message) && <p className="foreign">{visible((error?.message || end?.message || "").slice(0, 2000))}</p>}
      {failed}
    </Banner>
  );
}

// nanoseconds, from when it is first seen
function useRetryAfter(ns: number | undefined): number {
  const until = useFirst(ns ? new Date(Date.now() + ns / 1e6).toISOString() : null);
  return useLeft(until) ?? 0;
}

function useFirst<T>(value: T): T {
  const [first] = useState(value);
  return first;
}
