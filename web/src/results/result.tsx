import { CircleAlert, CircleCheck } from "lucide-react";
import { useMemo, useState } from "react";
import { cx } from "../lib/cx";
import { bytes, duration } from "../lib/format";
import { isRecord, parse, type Value, write } from "../lib/json";
import { Button } from "../ui/button";
import { CopyButton } from "../ui/copy-button";
import { JsonView } from "../ui/json-view";
import { LongText } from "../ui/long-text";
import { Content } from "./content";

const atOnce = 50; // parts of a result
const prettyUpTo = 2 << 20; // bytes of raw text that are indented

function read(raw: string): Value | null {
  try {
    return parse(raw);
  } catch {
    return null;
  }
}

const views = ["Content", "Structured", "Raw"] as const;

/** Result shows what a tool answered, in every kind of content that MCP has. raw is its JSON. */
export function Result({ raw, tool, took }: { raw: string; tool: string; took?: number }) {
  const [view, setView] = useState<(typeof views)[number]>("Content");
  const [shown, setShown] = useState(atOnce);
  const value = useMemo(() => read(raw), [raw]);
  const result: Record<string, Value | undefined> = isRecord(value) ? value : {};
  const content = Array.isArray(result.content) ? result.content : [];
  const structured = result.structuredContent;
  const failed = result.isError === true;
  const Icon = failed ? CircleAlert : CircleCheck;
  const there = views.filter((v) => v !== "Structured" || structured !== undefined);
  return (
    <div className="flex flex-col gap-3">
      <div className="flex flex-wrap items-center justify-between gap-2">
        <p className={cx("flex items-center gap-2 text-sm font-medium", failed ? "text-danger" : "text-ok")}>
          <Icon aria-hidden className="size-4.5" />
          {failed ? "The tool reported an error" : "Done"}
          <span className="font-normal text-muted">
            {took !== undefined && `${duration(took)} · `}
            {bytes(raw.length)}
          </span>
        </p>
        <div className="flex items-center gap-1">
          <div role="group" aria-label="Result as" className="flex rounded-lg border border-control p-0.5">
            {there.map((v) => (
              <button
                key={v}
                type="button"
                aria-pressed={view === v}
                onClick={() => setView(v)}
                className="min-h-9 rounded-md px-3 text-sm aria-pressed:bg-accent-tint aria-pressed:font-medium aria-pressed:text-accent md:min-h-7"
              >
                {v}
              </button>
            ))}
          </div>
          <CopyButton bare text={raw} label="Copy the raw result" />
        </div>
      </div>
      {view === "Content" && (
        <>
          {content.length === 0 && <p className="text-sm text-muted">The result has no content{structured !== undefined ? " but is structured" : ""}.</p>}
          {content.slice(0, shown).map((block, i) => (
            <Content key={i} block={block} tool={tool} failed={failed} />
          ))}
          {content.length > shown && (
            <Button className="self-start" onClick={() => setShown(shown + atOnce)}>
              Show more parts ({content.length - shown})
            </Button>
          )}
        </>
      )}
      {view === "Structured" && structured !== undefined && (
        <div className="overflow-auto rounded-lg bg-sunken p-3">
          <JsonView value={structured} />
        </div>
      )}
      {view === "Raw" && <LongText text={value !== null && raw.length <= prettyUpTo ? write(value, 2) : raw} name="Raw result" />}
    </div>
  );
}
