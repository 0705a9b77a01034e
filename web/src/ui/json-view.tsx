import { useState } from "react";
import { isRecord, Raw, type Value, write } from "../lib/json";
import { count } from "../lib/format";
import { label, visible } from "../lib/text";
import { Button } from "./button";

const page = 100; // members that are shown at once

/** JsonView is JSON that folds; long lists are shown a part at a time. */
export function JsonView({ value, name, depth = 0 }: { value: Value; name?: string; depth?: number }) {
  const [open, setOpen] = useState(depth < 2);
  const [shown, setShown] = useState(page);
  const entries: [string, Value][] | null = Array.isArray(value)
    ? value.map((v, i) => [String(i), v])
    : isRecord(value)
      ? Object.entries(value).filter((e): e is [string, Value] => e[1] !== undefined)
      : null;
  if (!entries) {
    return (
      <div className="font-mono text-sm">
        {name !== undefined && <span className="text-muted">{label(name, 100)}: </span>}
        <Scalar value={value} />
      </div>
    );
  }
  const size = count(entries.length, Array.isArray(value) ? "entry" : "member", Array.isArray(value) ? "entries" : "members");
  return (
    <details open={open} onToggle={(e) => setOpen(e.currentTarget.open)} className="font-mono text-sm">
      <summary className="w-fit">
        {name !== undefined && <span className="text-muted">{label(name, 100)}: </span>}
        <span className="text-muted">
          {Array.isArray(value) ? "[…]" : "{…}"} {size}
        </span>
      </summary>
      {open && (
        <div className="ml-2 border-l border-line pl-3">
          {entries.slice(0, shown).map(([k, v]) => (
            <JsonView key={k} name={k} value={v} depth={depth + 1} />
          ))}
          {entries.length > shown && (
            <Button look="quiet" className="my-1 min-h-8!" onClick={() => setShown(shown + page)}>
              Show more ({entries.length - shown})
            </Button>
          )}
        </div>
      )}
    </details>
  );
}

function Scalar({ value }: { value: Value }) {
  if (typeof value === "string") {
    const cut = value.length > 2000;
    return <span className="foreign whitespace-pre-wrap text-ok">{visible(JSON.stringify(cut ? value.slice(0, 2000) : value))}{cut && <span className="text-muted"> … {value.length} characters</span>}</span>;
  }
  return <span className="text-busy">{value instanceof Raw ? value.text : write(value)}</span>;
}
