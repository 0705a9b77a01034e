import { useInfiniteQuery } from "@tanstack/react-query";
import { Link, useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { Archive, Bot, FlaskConical, type LucideIcon, MessageSquarePlus, Server, Settings, ShieldCheck } from "lucide-react";
import type { ReactNode } from "react";
import { rows } from "../../api/queries";
import type { UserView } from "../../api/schema";
import { label } from "../../lib/text";
import { Button, buttonClass } from "../../ui/button";
import { Failed } from "../../ui/feedback";
import { SearchBox } from "../../ui/search-box";
import { conversationList } from "../remote";
import type { ConversationView } from "../types";
import { Row } from "./row";

const day = 86_400_000;

// ageOf names the part of the list that a conversation stands in.
function ageOf(c: ConversationView, now: number): string {
  const midnight = new Date(now).setHours(0, 0, 0, 0);
  const at = Date.parse(c.updatedAt ?? "");
  if (!(at < midnight)) return "Today";
  if (at >= midnight - day) return "Yesterday";
  if (at >= midnight - 7 * day) return "Last 7 days";
  if (at >= midnight - 30 * day) return "Last 30 days";
  return "Older";
}

function grouped(list: ConversationView[]): [string, ConversationView[]][] {
  const groups = new Map<string, ConversationView[]>();
  const now = Date.now();
  for (const c of list) {
    const age = ageOf(c, now);
    groups.set(age, [...(groups.get(age) ?? []), c]);
  }
  return [...groups];
}

/** Rail is the conversations, and the ways to the rest of patchbay. */
export function Rail({ me, onGo }: { me: UserView; onGo?: () => void }) {
  const { q = "", archived } = useSearch({ strict: false }) as { q?: string; archived?: boolean };
  const { id: open } = useParams({ strict: false }) as { id?: string };
  const navigate = useNavigate();
  const list = useInfiniteQuery(conversationList(q, archived ?? false));
  const all = rows(list.data?.pages);
  const search = (change: object) => void navigate({ to: ".", search: (old: Record<string, unknown>) => ({ ...old, ...change }), replace: true } as never);
  return (
    <div className="flex min-h-0 flex-1 flex-col gap-3">
      <Link to="/c/$id" params={{ id: "new" }} search={{}} onClick={onGo} className={buttonClass("plain", "justify-start! border-line!")}>
        <MessageSquarePlus aria-hidden className="size-4.5" />
        New chat
      </Link>
      <SearchBox label={archived ? "Search the archive" : "Search chats"} current={q} commit={(text) => search({ q: text || undefined })} />
      <nav aria-label="Chats" className="-mx-1 min-h-0 flex-1 overflow-y-auto px-1" tabIndex={-1}>
        {archived && (
          <p className="flex items-center justify-between gap-2 px-2 pb-1 text-sm font-medium">
            Archive
            <Button look="quiet" className="min-h-8! px-2!" onClick={() => search({ archived: undefined })}>
              Back
            </Button>
          </p>
        )}
        {list.isPending && <Waiting />}
        {list.isError && <Failed error={list.error} retry={() => list.refetch()} what="Your chats" />}
        {list.isSuccess && all.length === 0 && <p className="px-2 py-3 text-sm text-muted">{q ? "No chat matches." : archived ? "Nothing is archived." : "Your chats will be here."}</p>}
        {grouped(all).map(([age, list]) => (
          <section key={age} aria-label={age} className="pb-2">
            <h2 className="px-2 py-1 text-xs font-medium text-muted">{age}</h2>
            <ul className="flex flex-col gap-px">
              {list.map((c) => (
                <Row key={c.id} conversation={c} open={c.id === open} onGo={onGo} />
              ))}
            </ul>
          </section>
        ))}
        {list.hasNextPage && (
          <Button look="quiet" className="w-full" busy={list.isFetchingNextPage} onClick={() => list.fetchNextPage()}>
            Show more
          </Button>
        )}
        {!archived && list.isSuccess && (
          <button type="button" onClick={() => search({ archived: true })} className="flex min-h-9 w-full items-center gap-2 rounded-lg px-2 text-left text-xs text-muted hover:bg-sunken hover:text-text md:min-h-8">
            <Archive aria-hidden className="size-3.5" />
            Archive
          </button>
        )}
      </nav>
      <nav aria-label="Main" className="border-t border-line pt-2">
        <ul className="flex flex-col">
          <Way to="/servers" icon={Server} onGo={onGo}>
            MCP servers
          </Way>
          <Way to="/agents" icon={Bot} onGo={onGo}>
            Agents
          </Way>
          <Way to="/playground/{-$server}/{-$tool}" icon={FlaskConical} onGo={onGo}>
            Playground
          </Way>
          {me.role === "ADMIN" && (
            <Way to="/admin/servers" icon={ShieldCheck} onGo={onGo}>
              Administration
            </Way>
          )}
          <Way to="/settings" icon={Settings} onGo={onGo}>
            Settings
            <bdi className="ml-auto min-w-0 truncate text-xs text-muted">{label(me.name || me.username, 40)}</bdi>
          </Way>
        </ul>
      </nav>
    </div>
  );
}

function Way({ to, icon: Icon, children, onGo }: { to: "/servers" | "/agents" | "/playground/{-$server}/{-$tool}" | "/admin/servers" | "/settings"; icon: LucideIcon; children: ReactNode; onGo?: () => void }) {
  return (
    <li>
      <Link to={to} onClick={onGo} className="flex min-h-11 items-center gap-3 rounded-lg px-2 text-sm text-text no-underline hover:bg-sunken md:min-h-8.5">
        <Icon aria-hidden className="size-4.5 shrink-0 text-muted" />
        {children}
      </Link>
    </li>
  );
}

function Waiting() {
  return (
    <div role="status" className="flex flex-col gap-1.5 px-1 pt-1">
      <span className="sr-only">Reading your chats</span>
      {["w-4/5", "w-3/5", "w-2/3"].map((w) => (
        <div key={w} aria-hidden className={`h-7 animate-pulse rounded-lg bg-sunken ${w}`} />
      ))}
    </div>
  );
}
