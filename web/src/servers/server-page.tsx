import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { FlaskConical } from "lucide-react";
import { lazy, Suspense } from "react";
import { isCode } from "../api/errors";
import { oneServer } from "../api/queries";
import type { ServerView } from "../api/schema";
import { count, dateTime } from "../lib/format";
import { cx } from "../lib/cx";
import { label } from "../lib/text";
import { NotFound } from "../shell/not-found";
import { buttonClass } from "../ui/button";
import { Badge, Banner, Failed, Skeleton } from "../ui/feedback";
import { Page } from "../ui/page";
import { ActionButton } from "./action-button";
import { Credentials } from "./credentials";
import { Definition } from "./definition";
import { Doctor } from "./doctor";
import { RichText } from "./rich-text";
import { ServerIcon } from "./server-icon";
import { can } from "./status";
import { ServerLog } from "./server-log";
import { StatusButton } from "./status-badge";
import { StatusLine } from "./status-line";
import { ToolList } from "./tool-list";
import { useConfigure, useConnect } from "./use-connect";
import { variablesOf } from "./variables";

const Manage = lazy(async () => ({ default: (await import("./manage")).Manage }));

type Tab = "tools" | "credentials" | "check" | "log" | "definition";

export function ServerPage() {
  const { name } = useParams({ from: "/shell/servers/$name" });
  const server = useQuery(oneServer(name));
  if (server.data) return <Loaded server={server.data} />;
  if (isCode(server.error, "not_found")) return <NotFound />;
  return (
    <Page title={label(name)}>
      {server.isError ? <Failed error={server.error} retry={() => server.refetch()} what="The server" /> : <Skeleton what="the server" />}
    </Page>
  );
}

function Loaded({ server }: { server: ServerView }) {
  const { tab = "tools", q = "" } = useSearch({ from: "/shell/servers/$name" });
  const navigate = useNavigate({ from: "/servers/$name" });
  const control = useConnect(server);
  const configure = useConfigure();
  const title = label(server.title);
  const tabs: [Tab, string, boolean][] = [
    ["tools", server.toolCount > 0 ? `Tools (${server.toolCount})` : "Tools", true],
    ["credentials", "Your variables", variablesOf(server).length > 0 && can(server, "USE")],
    ["check", "Check", can(server, "USE")],
    ["log", "Log", can(server, "EDIT")],
    ["definition", "Definition", can(server, "EDIT")],
  ];
  return (
    <Page
      title={title}
      heading={
        <span className="flex items-center gap-3">
          <ServerIcon server={server} />
          <span className="foreign">{title}</span>
        </span>
      }
      actions={
        <>
          <StatusButton status={server.status} name={server.name} server={title} onClick={() => configure(server.name)} />
          <ActionButton server={server} control={control} />
          <Link to="/playground/{-$server}/{-$tool}" params={{ server: server.name }} className={buttonClass("plain")}>
            <FlaskConical aria-hidden className="size-4" />
            Playground
          </Link>
          {server.source === "user" && (
            <Suspense fallback={null}>
              <Manage server={server} />
            </Suspense>
          )}
        </>
      }
    >
      <div className="-mt-2 flex flex-col gap-2">
        {server.description && (
          <p className="max-w-prose">
            <RichText text={server.description} />
          </p>
        )}
        <StatusLine server={server} />
        <div className="flex flex-wrap gap-1.5">
          <Badge>{server.type}</Badge>
          {server.protocolVersion && <Badge>MCP {label(server.protocolVersion, 20)}</Badge>}
          {server.toolCount > 0 && <Badge>{count(server.toolCount, "tool")}</Badge>}
          <Badge>{server.source === "yaml" ? "From the configuration file" : "Made by a person"}</Badge>
          {server.since && <Badge>since {dateTime(server.since)}</Badge>}
        </div>
      </div>
      {control.problem && (
        <Banner tone="error" alert>
          {control.problem}
        </Banner>
      )}
      <nav aria-label={`Parts of ${title}`} className="flex gap-1 overflow-x-auto border-b border-line">
        {tabs
          .filter(([, , there]) => there)
          .map(([key, text]) => (
            <Link
              key={key}
              to="/servers/$name"
              params={{ name: server.name }}
              search={{ tab: key === "tools" ? undefined : key }}
              aria-current={tab === key ? "page" : undefined}
              className={cx(
                "-mb-px flex min-h-11 shrink-0 items-center border-b-2 px-3 text-sm no-underline md:min-h-10",
                tab === key ? "border-accent font-medium text-accent" : "border-transparent text-text hover:border-control",
              )}
              activeProps={{}}
            >
              {text}
            </Link>
          ))}
      </nav>
      <section aria-label={tabs.find(([key]) => key === tab)?.[1]} className="rounded-2xl border border-line bg-surface p-4 md:p-5">
        <h2 className="sr-only">{tabs.find(([key]) => key === tab)?.[1]}</h2>
        {tab === "tools" && <ToolList server={server} search={q} onSearch={(text) => navigate({ search: (old) => ({ ...old, q: text || undefined }), replace: true })} />}
        {tab === "credentials" && <Credentials server={server} onSaved={() => control.connect.mutate()} submit="Save and initialize" />}
        {tab === "check" && <Doctor server={server} />}
        {tab === "log" && (can(server, "EDIT") ? <ServerLog server={server} /> : <p className="text-sm">You lack the permission EDIT on this server.</p>)}
        {tab === "definition" && (can(server, "EDIT") ? <Definition server={server} /> : <p className="text-sm">You lack the permission EDIT on this server.</p>)}
      </section>
    </Page>
  );
}
