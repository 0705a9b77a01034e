import { duration } from "../../lib/format";
import { label } from "../../lib/text";
import type { CallView, WaitView } from "../types";
import { ArgsView } from "./args-view";
import { CallResult } from "./call-result";
import { looks, type CardState } from "./state";
import { WaitForm } from "./wait-form";

interface Props {
  call: CallView;
  run: string;
  wait?: WaitView;
  state: CardState;
  tool: string;
  server: string;
  took: number | null;
  /** details: the card was opened by a person. */
  details: boolean;
}

/** CardBody is the inside of a tool's card; it is loaded with the first one. */
export function CardBody({ call, run, wait, state, tool, server, took, details }: Props) {
  const { over } = looks[state];
  return (
    <div className="flex flex-col gap-3 border-t border-line px-3 py-3">
      {(wait?.kind !== "signin" || details) && <ArgsView args={wait?.args ?? call.args} />}
      {wait && <WaitForm wait={wait} tool={tool} server={server} />}
      {!wait && over && <CallResult call={call} run={run} tool={tool} state={state} took={took ?? undefined} />}
      {details && (
        <p className="foreign text-xs text-muted">
          Call {label(call.id, 80)}
          {call.startedAt && ` · sent ${new Date(call.startedAt).toLocaleTimeString("en-GB")}`}
          {took !== null && over && ` · took ${duration(took)}`}
        </p>
      )}
    </div>
  );
}
