import { ChevronRight } from "lucide-react";
import { memo, useId, useState } from "react";
import type { ServerView } from "../api/schema";
import { cx } from "../lib/cx";
import { label, visible } from "../lib/text";
import { ServerIcon } from "../servers/server-icon";
import { statuses, verbs } from "../servers/status";
import { StatusIcon } from "../servers/status-badge";
import { useConfigure, useConnect } from "../servers/use-connect";
import { Button } from "../ui/button";
import { ServerMenuTools } from "./server-menu-tools";

interface Props {
  server: ServerView;
  checked: boolean;
  fixed: boolean;
  off: string[]; // keys of its tools that are off
  onToggle: (name: string, on: boolean) => void;
  /** onOff turns these tools off, and no others; with choose it chooses the server too. */
  onOff: (name: string, tools: string[], choose?: boolean) => void;
  /** onLeave closes the menu: what comes next is elsewhere. */
  onLeave: () => void;
}

/** ServerMenuRow is one server: whether it is used, how it is, and what can be done about it. */
export const ServerMenuRow = memo(function ServerMenuRow({ server, checked, fixed, off, onToggle, onOff, onLeave }: Props) {
  const control = useConnect(server);
  const [open, setOpen] = useState(false);
  const id = useId();
  const title = label(server.title, 80);
  const look = statuses[server.status];
  const tick = (on: boolean) => {
    onToggle(server.name, on);
    // One click is enough: what only needs to be opened is opened.
    if (on && (server.action === "initialize" || server.action === "retry") && !control.connect.isPending) control.connect.mutate();
  };
  const used = Math.max(0, server.toolCount - off.length);
  return (
    <li className="rounded-lg px-3 py-2 [content-visibility:auto] [contain-intrinsic-size:auto_60px] hover:bg-sunken/60">
      <div className="flex items-start gap-3">
        <input
          data-row=""
          type="checkbox"
          id={id}
          checked={checked}
          aria-disabled={fixed || undefined}
          onChange={(e) => !fixed && tick(e.target.checked)}
          aria-describedby={`${id}-status`}
          className="mt-1 size-4.5 shrink-0"
        />
        <ServerIcon server={server} className="size-7! text-xs!" />
        <div className="min-w-0 flex-1">
          <label htmlFor={id} className="foreign block cursor-pointer text-sm font-medium max-md:min-h-7">
            {title}
          </label>
          <p id={`${id}-status`} className="foreign line-clamp-2 text-xs text-muted">
            <span className={cx("font-medium", look.colour)}>{look.word}</span>
            {look.description && <span className="sr-only"> ({look.description})</span>}
            {server.message && server.status !== "connected" && server.status !== "oauth_required" && <> · {visible(server.message)}</>}
            {server.status === "connected" && server.toolCount === 0 && <> · no tools offered</>}
          </p>
          {server.toolCount > 0 && (
            <button type="button" aria-expanded={open} onClick={() => setOpen(!open)} className="-ml-1 inline-flex min-h-7 items-center gap-1 rounded px-1 text-xs text-accent max-md:min-h-9">
              <ChevronRight aria-hidden className={cx("size-3.5 transition-transform", open && "rotate-90")} />
              {off.length > 0 ? `${used} of ${server.toolCount}` : server.toolCount} {server.toolCount === 1 ? "tool" : "tools"}
              <span className="sr-only"> of {title}</span>
            </button>
          )}
          {control.problem && (
            <p role="alert" className="text-xs text-danger">
              {control.problem}
            </p>
          )}
        </div>
        <Actions server={server} title={title} control={control} onLeave={onLeave} />
      </div>
      {open && <ServerMenuTools server={server} checked={checked} fixed={fixed} off={off} onOff={onOff} />}
    </li>
  );
});

function Actions({ server, title, control, onLeave }: { server: ServerView; title: string; control: ReturnType<typeof useConnect>; onLeave: () => void }) {
  const configure = useConfigure();
  const look = statuses[server.status];
  const leave = () => {
    onLeave();
    configure(server.name);
  };
  const { connect, cancel } = control;
  const act = () => {
    if (server.action === "cancel") cancel.mutate();
    else if (server.action === "configure") leave();
    // Where a person has to sign in, the dialog with the link takes over.
    else connect.mutate(undefined, { onSuccess: (answer) => (answer.oauthRequired || (answer.missingUserVars?.length ?? 0) > 0) && onLeave() });
  };
  const needed = server.action !== "none" && !(server.action === "configure" && server.status === "connected");
  return (
    <div data-actions="" className="flex shrink-0 items-center gap-1">
      {needed && (
        <Button look={server.action === "authenticate" ? "primary" : "plain"} busy={connect.isPending || cancel.isPending} onClick={act} className="px-2.5! text-xs! md:min-h-8!">
          {verbs[server.action]}
          <span className="sr-only"> {title}</span>
        </Button>
      )}
      <button
        type="button"
        onClick={leave}
        data-status-of={server.name}
        title={`${look.word}: configure ${title}`}
        aria-label={`${look.word}: configure ${title}`}
        className={cx("flex size-11 items-center justify-center rounded-lg border border-transparent hover:border-current md:size-9", look.colour, look.tint)}
      >
        <StatusIcon status={server.status} />
      </button>
    </div>
  );
}
