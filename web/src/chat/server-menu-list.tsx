import { Link } from "@tanstack/react-router";
import { useQuery } from "@tanstack/react-query";
import { Search } from "lucide-react";
import { type KeyboardEvent, useCallback, useDeferredValue, useMemo, useState } from "react";
import { me } from "../api/me";
import type { ServerView } from "../api/schema";
import { label } from "../lib/text";
import { Button } from "../ui/button";
import { Banner, Failed } from "../ui/feedback";
import { inputClass } from "../ui/field";
import type { ServerMenuProps } from "./server-menu";
import { ServerMenuRow } from "./server-menu-row";
import { inMenu, offOf, toolKey, useServers } from "./server-menu-state";
import { moveInMenu } from "./server-menu-keys";

const searchFrom = 8;
const pageSize = 60; // rows at once

const none: string[] = [];

/** ServerMenuList is the list of servers with what can be done about each. */
export function ServerMenuList({ selected, onChange, toolsOff, onToolsOff, fixedReason, onClose }: ServerMenuProps & { onClose: () => void }) {
  const { list, servers: all } = useServers();
  const [typed, setTyped] = useState("");
  const search = useDeferredValue(typed.trim().toLowerCase());
  const [shown, setShown] = useState(pageSize);
  // Rows stay where they are while they are ticked.
  const [first] = useState(() => new Set(selected));
  const names = useMemo(() => all.map((s) => s.name), [all]);
  const servers = useMemo(() => all.filter((s) => (fixedReason ? selected.includes(s.name) : inMenu(s))), [all, fixedReason, selected]);
  const found = useMemo(() => (search === "" ? servers : servers.filter((s) => matches(s, search))), [servers, search]);
  const missing = list.isSuccess && !list.hasNextPage ? selected.filter((name) => !servers.some((s) => s.name === name)) : none;

  const toggle = useCallback(
    (name: string, on: boolean) => {
      onChange(on ? [...selected, name] : selected.filter((n) => n !== name));
    },
    [onChange, selected],
  );
  const setOff = useCallback(
    (name: string, tools: string[], choose = false) => {
      const own = new Set(offOf(name, toolsOff, names));
      const off = [...toolsOff.filter((key) => !own.has(key)), ...tools.map((t) => toolKey(t, name))];
      if (choose) onChange([...selected, name], off);
      else onToolsOff(off);
    },
    [names, onChange, onToolsOff, selected, toolsOff],
  );
  const row = (server: ServerView) => {
    const off = offOf(server.name, toolsOff, names);
    return (
      <ServerMenuRow
        key={server.name}
        server={server}
        checked={selected.includes(server.name)}
        fixed={Boolean(fixedReason)}
        off={off.length === 0 ? none : off}
        onToggle={toggle}
        onOff={setOff}
        onLeave={onClose}
      />
    );
  };
  if (list.isPending) return <Waiting />;
  if (list.isError && all.length === 0) return <Failed error={list.error} retry={() => list.refetch()} what="The servers" />;
  const chosen = found.filter((s) => first.has(s.name));
  const others = found.filter((s) => !first.has(s.name));
  return (
    <div className="flex flex-col gap-2" onKeyDown={moveInMenu as (e: KeyboardEvent) => void} role="presentation">
      {fixedReason && <p className="px-2 text-sm text-muted">{fixedReason}</p>}
      {servers.length >= searchFrom && (
        <div className="relative">
          <Search aria-hidden className="pointer-events-none absolute left-3 top-1/2 size-4.5 -translate-y-1/2 text-muted" />
          <input type="search" aria-label="Search servers" placeholder="Search servers" value={typed} onChange={(e) => setTyped(e.target.value)} maxLength={200} className={`${inputClass} pl-10`} />
        </div>
      )}
      {servers.length === 0 && missing.length === 0 && <Nothing onGo={onClose} />}
      {servers.length > 0 && found.length === 0 && (
        <p role="status" className="px-3 py-4 text-center text-sm text-muted">
          No server matches.
        </p>
      )}
      {missing.length > 0 && <Missing names={missing} fixed={Boolean(fixedReason)} onRemove={(name) => toggle(name, false)} />}
      <Group title="In this chat" servers={chosen} row={row} />
      <Group title={chosen.length > 0 ? "Others" : "Servers"} servers={others.slice(0, shown)} row={row} />
      {others.length > shown && (
        <Button look="quiet" onClick={() => setShown(shown + pageSize)}>
          Show more ({others.length - shown})
        </Button>
      )}
      {list.isFetchNextPageError && (
        <Banner tone="warning" action={<Button onClick={() => list.fetchNextPage()}>Try again</Button>}>
          Not all servers could be read.
        </Banner>
      )}
    </div>
  );
}

function matches(server: ServerView, search: string): boolean {
  return `${server.title}\n${server.name}\n${server.description}`.toLowerCase().includes(search);
}

function Group({ title, servers, row }: { title: string; servers: ServerView[]; row: (s: ServerView) => React.ReactNode }) {
  if (servers.length === 0) return null;
  return (
    <section aria-label={title}>
      <h2 className="px-3 pb-0.5 pt-1 text-xs font-medium text-muted">{title}</h2>
      <ul>{servers.map(row)}</ul>
    </section>
  );
}

function Waiting() {
  return (
    <div role="status" className="flex flex-col gap-2 p-1">
      <span className="sr-only">Reading servers</span>
      {[0, 1, 2].map((i) => (
        <div key={i} aria-hidden className="h-12 animate-pulse rounded-lg bg-sunken" />
      ))}
    </div>
  );
}

function Nothing({ onGo }: { onGo: () => void }) {
  const { data: user } = useQuery(me);
  return (
    <div className="px-3 py-4 text-sm">
      <p className="font-medium">No servers yet.</p>
      {user?.role === "ADMIN" ? (
        <p className="text-muted">
          Add one under <code>mcpServers</code> in <code>librechat.yaml</code>: saving the file is enough.{" "}
          <Link to="/admin/system" onClick={onGo}>
            Which file is in use
          </Link>
        </p>
      ) : (
        <p className="text-muted">Ask an administrator to add one, or to let you use one.</p>
      )}
    </div>
  );
}

// Chosen once, and not offered any more: removed, not shared, or kept out of the chat.
function Missing({ names, fixed, onRemove }: { names: string[]; fixed: boolean; onRemove: (name: string) => void }) {
  return (
    <ul aria-label="Not available" className="flex flex-col gap-1">
      {names.map((name) => (
        <li key={name} className="flex items-center gap-3 rounded-lg bg-key-tint px-3 py-1.5 text-sm text-key">
          <span className="min-w-0 flex-1">
            <span className="foreign font-medium">{label(name, 60)}</span> is not available in the chat.
          </span>
          {!fixed && (
            <Button className="min-h-9!" onClick={() => onRemove(name)}>
              Remove<span className="sr-only"> {label(name, 60)}</span>
            </Button>
          )}
        </li>
      ))}
    </ul>
  );
}

/** ServerMenuFooter leads to where servers are looked after. */
export function ServerMenuFooter({ onGo }: { onGo: () => void }) {
  return (
    <Link to="/servers" onClick={onGo} className="inline-flex min-h-11 items-center text-sm md:min-h-8">
      Manage servers
    </Link>
  );
}
