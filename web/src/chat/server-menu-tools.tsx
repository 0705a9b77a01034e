import { useQuery } from "@tanstack/react-query";
import { memo, useMemo, useState } from "react";
import { toolsOf } from "../api/queries";
import type { ServerView, ToolView } from "../api/schema";
import { label } from "../lib/text";
import { ToolBadges } from "../servers/tool-badges";
import { Button } from "../ui/button";
import { Failed, Skeleton } from "../ui/feedback";
import { inputClass } from "../ui/field";

const pageSize = 60;
const searchFrom = 16;

interface Props {
  server: ServerView;
  checked: boolean;
  fixed: boolean;
  off: string[];
  /** onOff turns these tools off, and no others; with choose it chooses the server too. */
  onOff: (name: string, tools: string[], choose?: boolean) => void;
}

/** ServerMenuTools are the tools of one server, each on or off for this chat. */
export function ServerMenuTools({ server, checked, fixed, off, onOff }: Props) {
  const query = useQuery(toolsOf(server.name));
  const [typed, setTyped] = useState("");
  const [shown, setShown] = useState(pageSize);
  const tools = useMemo(() => query.data ?? [], [query.data]);
  const title = label(server.title, 80);
  const search = typed.trim().toLowerCase();
  const found = search === "" ? tools : tools.filter((t) => `${t.name}\n${t.title}\n${t.description}`.toLowerCase().includes(search));
  if (query.isPending) return <Skeleton rows={1} what={`tools of ${title}`} />;
  if (query.isError) return <Failed error={query.error} retry={() => query.refetch()} what="The tools" />;
  if (tools.length === 0) return <p className="py-2 pl-8 text-xs text-muted">The list of tools is not known yet.</p>;
  const offNames = new Set(tools.filter((t) => off.includes(t.key)).map((t) => t.name));
  const on = (tool: ToolView) => checked && !offNames.has(tool.name);
  const flip = (tool: ToolView, to: boolean) => {
    // A tool of a server that is not used yet: that one, and no other.
    if (!checked) {
      onOff(server.name, tools.filter((t) => t !== tool).map((t) => t.name), true);
      return;
    }
    const next = new Set(offNames);
    if (to) next.delete(tool.name);
    else next.add(tool.name);
    onOff(server.name, [...next]);
  };
  return (
    <div className="pb-1 pl-8 pt-1">
      {!fixed && checked && (
        <div className="flex flex-wrap gap-1">
          <Button look="quiet" className="min-h-8! px-2! text-xs!" onClick={() => onOff(server.name, [])}>
            All on<span className="sr-only"> of {title}</span>
          </Button>
          <Button look="quiet" className="min-h-8! px-2! text-xs!" onClick={() => onOff(server.name, tools.map((t) => t.name))}>
            All off<span className="sr-only"> of {title}</span>
          </Button>
        </div>
      )}
      {tools.length >= searchFrom && (
        <input type="search" aria-label={`Search tools of ${title}`} placeholder="Search tools" value={typed} onChange={(e) => setTyped(e.target.value)} maxLength={200} className={`${inputClass} mb-1`} />
      )}
      {found.length === 0 && (
        <p role="status" className="py-1 text-xs text-muted">
          No tool matches.
        </p>
      )}
      <ul aria-label={`Tools of ${title}`}>
        {found.slice(0, shown).map((t) => (
          <Tool key={t.name} tool={t} on={fixed ? !offNames.has(t.name) : on(t)} fixed={fixed} onFlip={(to) => flip(t, to)} />
        ))}
      </ul>
      {found.length > shown && (
        <Button look="quiet" className="min-h-8! text-xs!" onClick={() => setShown(shown + pageSize)}>
          Show more ({found.length - shown})
        </Button>
      )}
    </div>
  );
}

const Tool = memo(function Tool({ tool, on, fixed, onFlip }: { tool: ToolView; on: boolean; fixed: boolean; onFlip: (to: boolean) => void }) {
  return (
    <li className="[content-visibility:auto] [contain-intrinsic-size:auto_36px]">
      <label className="flex min-h-9 cursor-pointer items-start gap-2.5 rounded py-1.5 text-sm max-md:min-h-11 max-md:items-center">
        <input data-row="" type="checkbox" checked={on} aria-disabled={fixed || undefined} onChange={(e) => !fixed && onFlip(e.target.checked)} className="mt-0.5 size-4 shrink-0" />
        <span className="foreign min-w-0 flex-1">{label(tool.title || tool.name, 80)}</span>
        <ToolBadges annotations={tool.annotations} stale={tool.stale} />
      </label>
    </li>
  );
});
