import { CircleAlert, CircleSlash } from "lucide-react";
import { duration } from "../lib/format";
import { visible } from "../lib/text";
import { Result as Answer } from "../results/result";
import type { Result } from "./run";

/** ResultView shows how a call ended. */
export function ResultView({ result, tool, took }: { result: Exclude<Result, { kind: "question" }>; tool: string; took: number }) {
  if (result.kind === "cancelled") {
    return (
      <p className="flex items-center gap-2 text-sm font-medium text-cancel">
        <CircleSlash aria-hidden className="size-4.5" />
        Cancelled by you after {duration(took)}.
      </p>
    );
  }
  if (result.kind === "error") return <Trouble error={result.error} took={took} />;
  return <Answer raw={result.raw} tool={tool} took={took} />;
}

function Trouble({ error, took }: { error: { message: string; code: string; status: number }; took: number }) {
  return (
    <div className="flex flex-col gap-1 text-sm">
      <p className="flex items-center gap-2 font-medium text-danger">
        <CircleAlert aria-hidden className="size-4.5" />
        The call did not reach a result.
      </p>
      <p className="foreign whitespace-pre-wrap">{visible(error.message)}</p>
      <p className="text-muted">
        <code>{error.code}</code>
        {error.status > 0 && ` · HTTP ${error.status}`} · after {duration(took)}
      </p>
    </div>
  );
}
