import { useQuery } from "@tanstack/react-query";
import { ChevronRight, Trash2 } from "lucide-react";
import { useId, useState } from "react";
import { toolsOf } from "../api/queries";
import type { ServerView } from "../api/schema";
import { cx } from "../lib/cx";
import { count } from "../lib/format";
import { label, visible } from "../lib/text";
import { ActionButton } from "../servers/action-button";
import { ServerIcon } from "../servers/server-icon";
import { needsAttention } from "../servers/status";
import { StatusButton } from "../servers/status-badge";
import { useConfigure, useConnect } from "../servers/use-connect";
import { Button, IconButton } from "../ui/button";
import { Banner, Failed, Skeleton } from "../ui/feedback";
import { type Choice, gone } from "./draft";
import { ToolsPick } from "./tools-pick";

interface Props {
  choice: Choice;
  server: ServerView | undefined;
  known: boolean; // all servers were read: one that is not among them is not there
  readOnly: boolean;
  onChange: (choice: Choice) => void;
  onRemove: () => void;
}

/** ToolsEntry is one server of an agent. */
export function ToolsEntry({ choice, server, known, readOnly, onChange, onRemove }: Props) {
  const [open, setOpen] = useState(false);
  const tools = useQuery({ ...toolsOf(choice.serverName), enabled: server !== undefined });
  const id = useId();
  const title = label(server?.title ?? choice.serverName, 80);
  const missing = gone(choice, tools.data);
  const there = tools.data?.length ?? 0;
  const chosen = choice.tools.length - missing.length;
  const summary = choice.all ? "All, including future tools" : there > 0 ? `${chosen} of ${count(there, "tool")}` : count(choice.tools.length, "tool");
  return (
    <li className="rounded-xl border border-line">
      <div className="flex flex-wrap items-center gap-x-3 gap-y-2 p-3">
        <button type="button" aria-expanded={open} aria-controls={id} onClick={() => setOpen(!open)} className="flex min-h-11 min-w-0 flex-1 items-center gap-3 rounded-lg text-left md:min-h-9">
          <ChevronRight aria-hidden className={cx("size-4 shrink-0 text-muted transition-transform", open && "rotate-90")} />
          {server && <ServerIcon server={server} className="size-8! text-xs!" />}
          <span className="min-w-0">
            <span className="foreign block text-sm font-medium">{title}</span>
            <span className="block text-sm text-muted">{summary}</span>
          </span>
        </button>
        {!readOnly && <IconButton icon={Trash2} label={`Remove ${title}`} onClick={onRemove} />}
        {server && <Status server={server} />}
      </div>
      {!server && known && (
        <div className="px-3 pb-3">
          <Banner tone="warning">This server is not available to you: it was removed, or is not shared with you. Its tools are left out.</Banner>
        </div>
      )}
      {missing.length > 0 && (
        <div className="px-3 pb-3">
          <Missing names={missing} onRemove={readOnly ? undefined : () => onChange({ ...choice, tools: choice.tools.filter((t) => !missing.includes(t)) })} title={title} />
        </div>
      )}
      <div id={id} hidden={!open} className="border-t border-line p-3">
        {open && server && (
          <>
            {tools.isPending && <Skeleton rows={2} what={`tools of ${title}`} />}
            {tools.isError && <Failed error={tools.error} retry={() => tools.refetch()} what="The tools" />}
            {tools.data && <ToolsPick title={title} tools={tools.data} choice={choice} readOnly={readOnly} onChange={onChange} />}
          </>
        )}
        {open && !server && <p className="foreign text-sm text-muted">{choice.all ? "All of its tools." : visible(choice.tools.join(", "))}</p>}
      </div>
    </li>
  );
}

function Status({ server }: { server: ServerView }) {
  const configure = useConfigure();
  const control = useConnect(server);
  return (
    <div className="flex basis-full flex-wrap items-center gap-2 pl-7">
      <StatusButton status={server.status} name={server.name} server={label(server.title, 80)} onClick={() => configure(server.name)} />
      {needsAttention(server) && <ActionButton server={server} control={control} />}
    </div>
  );
}

function Missing({ names, title, onRemove }: { names: string[]; title: string; onRemove?: () => void }) {
  return (
    <Banner
      tone="warning"
      action={
        onRemove && (
          <Button onClick={onRemove}>
            Remove<span className="sr-only"> what {title} no longer offers</span>
          </Button>
        )
      }
    >
      <p>{names.length === 1 ? "1 saved tool no longer exists" : `${names.length} saved tools no longer exist`}:</p>
      <p className="foreign font-mono text-xs">{label(names.join(", "), 400)}</p>
    </Banner>
  );
}
