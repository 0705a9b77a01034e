import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { bytes } from "../../lib/format";
import { visible } from "../../lib/text";
import { Result } from "../../results/result";
import { Button } from "../../ui/button";
import { Failed } from "../../ui/feedback";
import { LongText } from "../../ui/long-text";
import { oneCall } from "../remote";
import type { CallView } from "../types";
import { looks, type CardState } from "./state";

const largest = 256 << 10; // bytes that are fetched without a question

/** CallResult is what came of a call; a large one is fetched when it is asked for. */
export function CallResult({ call, run, tool, state, took }: { call: CallView; run: string; tool: string; state: CardState; took?: number }) {
  const size = call.resultSize ?? 0;
  const [wanted, setWanted] = useState(size <= largest);
  const has = state === "done" || state === "tool_error";
  const result = useQuery({ ...oneCall(run, call.id), enabled: has && wanted });
  if (!has) return <NoResult call={call} state={state} />;
  if (result.isError) return <Failed error={result.error} retry={() => result.refetch()} what="The result" />;
  if (result.data) return <Result raw={result.data} tool={tool} took={took} />;
  return (
    <div className="flex flex-col gap-2" aria-busy={wanted}>
      {call.preview ? <LongText text={call.preview} name={`Beginning of the result of ${tool}`} /> : wanted && <p className="text-sm text-muted">Reading the result…</p>}
      {!wanted && (
        <Button className="self-start" onClick={() => setWanted(true)}>
          Show all ({bytes(size)})
        </Button>
      )}
    </div>
  );
}

function NoResult({ call, state }: { call: CallView; state: CardState }) {
  const look = looks[state];
  if (!look.over) return null;
  return (
    <div className="text-sm">
      <p className="foreign whitespace-pre-wrap">{call.problem ? visible(call.problem.slice(0, 4000)) : `${look.words}.`}</p>
      {state === "interrupted" && <p className="text-muted">It was sent, and nobody knows what became of it. It is not sent again by itself.</p>}
      {state === "failed" && call.reason && (
        <p className="text-muted">
          <code>{visible(call.reason.slice(0, 100))}</code>
        </p>
      )}
    </div>
  );
}
