import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Play, Wrench } from "lucide-react";
import { useMemo, useState } from "react";
import { toolsOf } from "../api/queries";
import type { ServerView, ToolView } from "../api/schema";
import { count } from "../lib/format";
import { from, write } from "../lib/json";
import { label, visible } from "../lib/text";
import { Button, buttonClass } from "../ui/button";
import { Empty, Failed, Skeleton } from "../ui/feedback";
import { FoldedText } from "../ui/folded-text";
import { SearchBox } from "../ui/search-box";
import { ToolBadges } from "./tool-badges";

const pageSize = 100;

function matches(tool: ToolView, search: string): boolean {
  return `${tool.name}\n${tool.title}\n${tool.description}`.toLowerCase().includes(search.toLowerCase());
}

function Schema({ title, schema }: { title: string; schema: unknown }) {
  if (!schema) return null;
  return (
    <div>
      <h4 className="text-sm font-medium">{title}</h4>
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- it scrolls, so the keyboard must reach it */}
      <pre tabIndex={0} role="region" aria-label={title} className="foreign mt-1 max-h-80 overflow-auto rounded-lg bg-sunken p-3 font-mono text-xs">
        {visible(write(from(schema), 2).slice(0, 100_000))}
      </pre>
    </div>
  );
}

function Tool({ tool, server }: { tool: ToolView; server: ServerView }) {
  const [open, setOpen] = useState(false);
  const title = label(tool.title || tool.name);
  return (
    <li className="py-4 first:pt-0 last:pb-0">
      <div className="flex flex-wrap items-start justify-between gap-x-4 gap-y-2">
        <div className="min-w-0 flex-1 basis-60">
          <div className="flex flex-wrap items-center gap-x-2 gap-y-1">
            <h3 className="foreign font-medium">{title}</h3>
            {title !== tool.name && <code className="foreign text-xs text-muted">{label(tool.name)}</code>}
            <ToolBadges annotations={tool.annotations} stale={tool.stale} />
          </div>
            {tool.description && (
            <p className="mt-1 text-sm text-muted">
              <FoldedText text={tool.description} what={title} />
            </p>
          )}
        </div>
        <Link to="/playground/{-$server}/{-$tool}" params={{ server: server.name, tool: tool.name }} className={buttonClass("plain")}>
          <Play aria-hidden className="size-4" />
          Try<span className="sr-only"> {title}</span>
        </Link>
      </div>
      <details className="mt-2" onToggle={(e) => setOpen(e.currentTarget.open)}>
        <summary className="w-fit text-sm text-accent">
          Schema<span className="sr-only"> of {title}</span>
        </summary>
        {open && (
          <div className="mt-2 flex flex-col gap-3">
            <Schema title={`Input of ${title}`} schema={tool.inputSchema} />
            <Schema title={`Output of ${title}`} schema={tool.outputSchema} />
          </div>
        )}
      </details>
    </li>
  );
}

/** ToolList is what a server offers, with a search over it. */
export function ToolList({ server, search, onSearch }: { server: ServerView; search: string; onSearch: (text: string) => void }) {
  const tools = useQuery(toolsOf(server.name));
  const [shown, setShown] = useState(pageSize);
  const found = useMemo(() => (tools.data ?? []).filter((t) => matches(t, search)), [tools.data, search]);
  if (tools.isPending) return <Skeleton what="tools" />;
  if (tools.isError) return <Failed error={tools.error} retry={() => tools.refetch()} what="The tools" />;
  const all = tools.data?.length ?? 0;
  if (all === 0) {
    return (
      <Empty icon={Wrench} title={server.status === "connected" ? "This server offers no tools." : "No tools known yet."}>
        {server.status !== "connected" && "They are listed as soon as the server has been connected once."}
      </Empty>
    );
  }
  return (
    <div className="flex flex-col gap-4">
      {all > 7 && <SearchBox label={`Search ${count(all, "tool")}`} current={search} commit={onSearch} />}
      {found.length === 0 ? (
        <Empty icon={Wrench} title="No tool matches." action={<Button onClick={() => onSearch("")}>Show all</Button>} />
      ) : (
        <ul className="divide-y divide-line">
          {found.slice(0, shown).map((t) => (
            <Tool key={t.name} tool={t} server={server} />
          ))}
        </ul>
      )}
      {found.length > shown && (
        <Button onClick={() => setShown(shown + pageSize)} className="self-center">
          Show more ({found.length - shown})
        </Button>
      )}
    </div>
  );
}
