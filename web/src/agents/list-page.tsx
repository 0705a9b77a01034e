import { keepPreviousData, useInfiniteQuery, useSuspenseQuery } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { Bot, MessageSquare, Pencil, Plus } from "lucide-react";
import { me } from "../api/me";
import { rows } from "../api/queries";
import type { AgentView } from "../api/schema";
import { ago, count } from "../lib/format";
import { label, visible } from "../lib/text";
import { Button, buttonClass } from "../ui/button";
import { Badge, Empty, Failed, Skeleton } from "../ui/feedback";
import { Page } from "../ui/page";
import { SearchBox } from "../ui/search-box";
import { ChatLink } from "./chat-link";
import { agentList } from "./remote";

/** AgentsPage lists the agents that the person may use. */
export function AgentsPage() {
  const { q = "" } = useSearch({ from: "/shell/agents" });
  const navigate = useNavigate({ from: "/agents" });
  const list = useInfiniteQuery({ ...agentList(q), placeholderData: keepPreviousData });
  const agents = rows(list.data?.pages);
  const search = (text: string) => void navigate({ search: (old) => ({ ...old, q: text || undefined }), replace: true });
  return (
    <Page title="Agents" lead="Instructions, a model and tools, saved under a name. Whoever runs an agent does so with their own keys and sign-ins." actions={<NewAgent />}>
      {(q !== "" || agents.length > 0) && <SearchBox label="Search agents" current={q} commit={search} />}
      {list.isPending && <Skeleton what="agents" />}
      {list.isError && <Failed error={list.error} retry={() => list.refetch()} what="The agents" />}
      {list.isSuccess && agents.length === 0 && q !== "" && (
        <Empty icon={Bot} title="No agent matches." action={<Button onClick={() => search("")}>Show all</Button>}>
          Names and descriptions are searched.
        </Empty>
      )}
      {list.isSuccess && agents.length === 0 && q === "" && (
        <Empty icon={Bot} title="No agents yet" action={<NewAgent />}>
          An agent is for what you do often: give it instructions and just the tools that it needs.
        </Empty>
      )}
      {agents.length > 0 && (
        <ul className="grid gap-3 md:grid-cols-2">
          {agents.map((a) => (
            <Card key={a.id} agent={a} />
          ))}
        </ul>
      )}
      {list.hasNextPage && (
        <Button className="self-center" busy={list.isFetchingNextPage} onClick={() => list.fetchNextPage()}>
          Show more
        </Button>
      )}
    </Page>
  );
}

function NewAgent() {
  return (
    <Link to="/agents/new" className={buttonClass("primary")}>
      <Plus aria-hidden className="size-4" />
      New agent
    </Link>
  );
}

function Card({ agent }: { agent: AgentView }) {
  const { data: user } = useSuspenseQuery(me);
  const name = label(agent.name, 100);
  const tools = agent.tools ?? [];
  const missing = agent.missing ?? [];
  const editable = agent.permissions?.includes("EDIT") ?? false;
  const others = agent.author !== undefined && agent.author !== user.id;
  return (
    <li className="flex flex-col gap-3 rounded-2xl border border-line bg-surface p-4">
      <div className="min-w-0 flex-1">
        <h2 className="font-medium leading-6">
          <Link to="/agents/$id" params={{ id: agent.id }} className="foreign text-text no-underline hover:underline">
            {name}
          </Link>
        </h2>
        {agent.description && <p className="foreign line-clamp-2 text-sm">{visible(agent.description.slice(0, 400))}</p>}
        <p className="foreign mt-1 text-sm text-muted">
          {agent.model ? label(agent.model, 60) : "No model chosen"} · changed {ago(agent.updatedAt)}
        </p>
        <div className="mt-2 flex flex-wrap gap-1.5">
          {tools.length === 0 ? (
            <Badge>No tools</Badge>
          ) : (
            tools.slice(0, 4).map((t) => (
              <Badge key={t.serverName}>
                {label(t.serverName, 40)}
                {t.all ? "" : ` (${t.tools?.length ?? 0})`}
              </Badge>
            ))
          )}
          {tools.length > 4 && <Badge>and {count(tools.length - 4, "server")}</Badge>}
          {missing.length > 0 && <Badge look="bg-key-tint text-key">Some tools are gone</Badge>}
          {others && <Badge>Shared with you</Badge>}
        </div>
      </div>
      <div className="flex flex-wrap gap-2">
        <ChatLink id={agent.id} className={buttonClass("plain")}>
          <MessageSquare aria-hidden className="size-4" />
          Chat<span className="sr-only"> with {name}</span>
        </ChatLink>
        <Link to="/agents/$id" params={{ id: agent.id }} className={buttonClass("quiet")}>
          <Pencil aria-hidden className="size-4" />
          {editable ? "Edit" : "Look"}
          <span className="sr-only"> {editable ? "" : "at "}{name}</span>
        </Link>
      </div>
    </li>
  );
}
