import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useNavigate, useParams } from "@tanstack/react-router";
import { FlaskConical, Wrench } from "lucide-react";
import { oneServer, rows, serverList, toolsOf } from "../api/queries";
import type { ServerView, ToolView } from "../api/schema";
import { label } from "../lib/text";
import { ActionButton } from "../servers/action-button";
import { can } from "../servers/status";
import { StatusButton } from "../servers/status-badge";
import { StatusLine } from "../servers/status-line";
import { useConfigure, useConnect } from "../servers/use-connect";
import { Button } from "../ui/button";
import { Banner, Empty, Failed, Skeleton } from "../ui/feedback";
import { SelectField } from "../ui/field-more";
import { Page } from "../ui/page";
import { ToolPanel } from "./tool-panel";
import { ToolPicker } from "./tool-picker";

export function PlaygroundPage() {
  const { server: name } = useParams({ from: "/shell/playground/{-$server}/{-$tool}" });
  const navigate = useNavigate();
  const list = useInfiniteQuery(serverList(""));
  const servers = rows(list.data?.pages).filter((s) => can(s, "USE"));
  const go = (server: string) => void navigate({ to: "/playground/{-$server}/{-$tool}", params: { server: server || undefined, tool: undefined } });
  return (
    <Page wide title="Playground" lead="Call a tool by hand and see exactly what comes back. Running one is your own yes to it.">
      {list.isPending && <Skeleton rows={1} what="servers" />}
      {list.isError && <Failed error={list.error} retry={() => list.refetch()} what="The servers" />}
      {list.isSuccess && servers.length === 0 && (
        <Empty icon={FlaskConical} title="There is no server that you may use.">
          Ask an administrator to add one, or to let you use one.
        </Empty>
      )}
      {(servers.length > 0 || name) && (
        <div className="flex max-w-md flex-wrap items-end gap-2">
          <SelectField label="Server" value={name ?? ""} onChange={(e) => go(e.target.value)} className="min-w-0 flex-1">
            <option value="">Choose a server</option>
            {name && !servers.some((s) => s.name === name) && <option value={name}>{label(name, 80)}</option>}
            {servers.map((s) => (
              <option key={s.name} value={s.name}>
                {label(s.title, 80)}
              </option>
            ))}
          </SelectField>
          {list.hasNextPage && (
            <Button busy={list.isFetchingNextPage} onClick={() => list.fetchNextPage()}>
              More servers
            </Button>
          )}
        </div>
      )}
      {name && <ForServer key={name} name={name} />}
    </Page>
  );
}

function ForServer({ name }: { name: string }) {
  const server = useQuery(oneServer(name));
  if (server.isPending) return <Skeleton what="the server" />;
  if (server.isError) return <Failed error={server.error} retry={() => server.refetch()} what="The server" />;
  return <Loaded server={server.data} />;
}

function Loaded({ server }: { server: ServerView }) {
  const { tool: chosen } = useParams({ from: "/shell/playground/{-$server}/{-$tool}" });
  const tools = useQuery(toolsOf(server.name));
  const tool = tools.data?.find((t) => t.name === chosen);
  return (
    <>
      {server.status !== "connected" && <Unready server={server} />}
      {tools.isPending && <Skeleton what="tools" />}
      {tools.isError && <Failed error={tools.error} retry={() => tools.refetch()} what="The tools" />}
      {tools.data?.length === 0 && (
        <Empty icon={Wrench} title={server.status === "connected" ? "This server offers no tools." : "No tools known yet."}>
          {server.status !== "connected" && "They are listed as soon as the server has been connected once."}
        </Empty>
      )}
      {(tools.data?.length ?? 0) > 0 && (
        <div className="grid gap-5 lg:grid-cols-[16rem_minmax(0,1fr)]">
          <ToolPicker server={server.name} tools={tools.data ?? []} chosen={chosen} />
          <Chosen server={server} tool={tool} chosen={chosen} />
        </div>
      )}
    </>
  );
}

function Chosen({ server, tool, chosen }: { server: ServerView; tool: ToolView | undefined; chosen: string | undefined }) {
  if (tool) return <ToolPanel key={tool.name} server={server} tool={tool} />;
  if (chosen) return <Empty icon={Wrench} title={`This server has no tool “${label(chosen, 80)}”.`} />;
  return <Empty icon={FlaskConical} title="Choose a tool" />;
}

function Unready({ server }: { server: ServerView }) {
  const configure = useConfigure();
  const control = useConnect(server);
  const title = label(server.title);
  return (
    <>
      <div className="flex flex-wrap items-center gap-3 rounded-2xl border border-line bg-surface p-4">
        <StatusButton status={server.status} name={server.name} server={title} onClick={() => configure(server.name)} />
        <div className="min-w-0 flex-1 basis-48">
          <StatusLine server={server} />
        </div>
        <ActionButton server={server} control={control} />
      </div>
      {control.problem && (
        <Banner tone="error" alert>
          {control.problem}
        </Banner>
      )}
    </>
  );
}
