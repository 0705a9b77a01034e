import { History } from "lucide-react";
import { duration } from "../lib/format";
import { visible } from "../lib/text";
import { Panel } from "../ui/page";
import type { Entry } from "./history";
import type { Result } from "./run";

const wordOf = (r: Result): string => {
  if (r.kind === "result") return /"isError"\s*:\s*true/.test(r.raw.slice(0, 200)) || r.raw.endsWith('"isError":true}') ? "Tool error" : "Done";
  return r.kind === "cancelled" ? "Cancelled" : "No result";
};

/** Past is the calls of this tool since the page was opened. Picking one brings it back. */
export function Past({ entries, onPick }: { entries: Entry[]; onPick: (e: Entry) => void }) {
  if (entries.length === 0) return null;
  return (
    <Panel title="History" lead="Kept until this page is left.">
      <ol className="flex flex-col">
        {entries.map((e) => (
          <li key={e.id}>
            <button type="button" onClick={() => onPick(e)} className="flex min-h-11 w-full items-center gap-3 rounded-lg px-2 text-left text-sm hover:bg-sunken md:min-h-9">
              <History aria-hidden className="size-4 shrink-0 text-muted" />
              <code className="foreign min-w-0 flex-1 truncate">{visible(e.args.slice(0, 200))}</code>
              <span className="shrink-0 text-muted">
                {wordOf(e.result)} · {duration(e.took)} · {new Date(e.at).toLocaleTimeString("en-GB")}
              </span>
            </button>
          </li>
        ))}
      </ol>
    </Panel>
  );
}
