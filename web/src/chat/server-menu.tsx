import { ChevronDown, Plug } from "lucide-react";
import { lazy, Suspense, useEffect, useId, useRef, useState } from "react";
import { count } from "../lib/format";
import { statuses } from "../servers/status";
import { StatusIcon } from "../servers/status-badge";
import { buttonClass } from "../ui/button";
import { useServers, worst } from "./server-menu-state";

export { UnreadyBar, useUnready } from "./server-menu-unready";

const load = () => import("./server-menu-window");
const Window = lazy(async () => ({ default: (await load()).ServerMenuWindow }));

export interface ServerMenuProps {
  /** selected are names of servers: what the person wants, whatever their status. */
  selected: string[];
  /** onChange is told toolsOff too when both change at once. */
  onChange: (selected: string[], toolsOff?: string[]) => void;
  /** toolsOff are keys of tools (`tool_mcp_server`) of chosen servers that are not offered. */
  toolsOff: string[];
  onToolsOff: (keys: string[]) => void;
  /** disabledReason says why no server can be chosen, such as a model that takes no tools. */
  disabledReason?: string;
  /** fixedReason says why the choice is not the person's, such as an agent that brings its own. */
  fixedReason?: string;
}

/** ServerMenu is the chip below the chat's input, and the list that it opens. */
export function ServerMenu(props: ServerMenuProps) {
  const { selected, disabledReason } = props;
  const [open, setOpen] = useState(false);
  const chip = useRef<HTMLButtonElement>(null);
  const reason = useId();
  const { servers } = useServers();
  const chosen = servers.filter((s) => selected.includes(s.name));
  const status = disabledReason ? null : worst(chosen);
  useEffect(() => void load(), []); // it opens at once when it is asked for
  const off = Boolean(disabledReason);
  return (
    <>
      <button
        ref={chip}
        type="button"
        data-server-menu=""
        aria-haspopup="dialog"
        aria-expanded={open}
        aria-disabled={off || undefined}
        aria-describedby={off ? reason : undefined}
        title={disabledReason}
        onClick={() => !off && setOpen(!open)}
        className={buttonClass("plain", "gap-1.5! px-3! rounded-full! font-normal!")}
      >
        {status ? <StatusIcon status={status} className="size-4!" /> : <Plug aria-hidden className="size-4 text-muted" />}
        MCP servers
        {selected.length > 0 && !off && (
          <span className="rounded-full bg-accent-tint px-1.5 text-xs font-medium text-accent">
            {selected.length}
            <span className="sr-only"> chosen</span>
          </span>
        )}
        {status && <span className="sr-only">, {statuses[status].word}</span>}
        <ChevronDown aria-hidden className="size-4 text-muted" />
      </button>
      {off && (
        <span id={reason} className="self-center text-xs text-muted">
          {disabledReason}
        </span>
      )}
      {open && (
        <Suspense fallback={<span role="status" className="sr-only">Opening {count(servers.length, "server")}</span>}>
          <Window {...props} chip={chip} onClose={() => setOpen(false)} />
        </Suspense>
      )}
    </>
  );
}
