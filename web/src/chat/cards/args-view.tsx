import { useMemo } from "react";
import { isRecord, parse, Raw, type Value, write } from "../../lib/json";
import { label, visible } from "../../lib/text";
import { CopyButton } from "../../ui/copy-button";
import { JsonView } from "../../ui/json-view";
import { LongText } from "../../ui/long-text";

const mostRows = 30;

function read(args: string): Value | undefined {
  try {
    return parse(args.trim() || "{}");
  } catch {
    return undefined;
  }
}

const isFlat = (v: Value | undefined): boolean => v === null || typeof v === "string" || typeof v === "boolean" || v instanceof Raw;

/** ArgsView shows the arguments of a call: in rows when they are flat, else as JSON that folds. */
export function ArgsView({ args, title = "Arguments" }: { args: string; title?: string }) {
  const value = useMemo(() => read(args), [args]);
  const members = isRecord(value) ? Object.entries(value).filter((e): e is [string, Value] => e[1] !== undefined) : [];
  if (isRecord(value) && members.length === 0) return <p className="text-sm text-muted">No arguments.</p>;
  const flat = isRecord(value) && members.length <= mostRows && members.every(([, v]) => isFlat(v));
  return (
    <div role="group" aria-label={title} className="flex flex-col gap-1">
      <div className="flex items-center justify-between gap-2">
        <p aria-hidden className="text-xs font-medium text-muted">{title}</p>
        <CopyButton bare small text={() => (value === undefined ? args : write(value, 2))} label={`Copy ${title.toLowerCase()}`} />
      </div>
      {value === undefined ? (
        <>
          <p className="text-sm text-muted">What the model wrote is no JSON:</p>
          <LongText text={args} name={title} />
        </>
      ) : flat ? (
        <dl className="grid gap-x-4 gap-y-1 rounded-lg bg-sunken px-3 py-2 text-sm sm:grid-cols-[minmax(6rem,max-content)_minmax(0,1fr)]">
          {members.map(([k, v]) => (
            <div key={k} className="contents">
              <dt className="foreign font-mono text-muted max-sm:not-first:mt-1">{label(k, 80)}</dt>
              <dd className="foreign max-h-60 overflow-y-auto whitespace-pre-wrap font-mono">{typeof v === "string" ? visible(v.slice(0, 20_000)) || <span className="text-muted">empty</span> : write(v)}</dd>
            </div>
          ))}
        </dl>
      ) : (
        <div className="overflow-auto rounded-lg bg-sunken p-3">
          <JsonView value={value} />
        </div>
      )}
    </div>
  );
}
