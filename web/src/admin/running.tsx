import { keepPreviousData, useInfiniteQuery } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { Activity } from "lucide-react";
import { rows, serverList } from "../api/queries";
import type { ServerView } from "../api/schema";
import { ago, dateTime } from "../lib/format";
import { label, visible } from "../lib/text";
import { ActionButton } from "../servers/action-button";
import { type StatusName, statuses } from "../servers/status";
import { StatusBadge, StatusIcon } from "../servers/status-badge";
import { useConnect } from "../servers/use-connect";
import { Button } from "../ui/button";
import { Empty, Failed, Skeleton } from "../ui/feedback";
import { Page } from "../ui/page";
import { SearchBox } from "../ui/search-box";
import { OnlyAdmins } from "./only-admins";

export function Running() {
  return (
    <OnlyAdmins title="What is running">
      <List />
    </OnlyAdmins>
  );
}

function List() {
  const { q = "" } = useSearch({ from: "/shell/admin/servers" });
  const navigate = useNavigate({ from: "/admin/servers" });
  const list = useInfiniteQuery({ ...serverList(q), placeholderData: keepPreviousData });
  const servers = rows(list.data?.pages);
  return (
    <Page wide title="What is running" lead="Every server as it is for you now: shared connections, and your own of servers that open one for each person.">
      <SearchBox label="Search servers" current={q} commit={(t) => navigate({ search: (old) => ({ ...old, q: t || undefined }), replace: true })} />
      {list.isPending && <Skeleton what="servers" />}
      {list.isError && <Failed error={list.error} retry={() => list.refetch()} what="The servers" />}
      {list.isSuccess && servers.length === 0 && <Empty icon={Activity} title={q ? "No server matches." : "No servers are configured."} />}
      {servers.length > 0 && <Tally servers={servers} more={list.hasNextPage} />}
      {servers.length > 0 && (
        <div className="rounded-2xl border border-line bg-surface">
          <table className="block w-full text-left text-sm md:table">
            <thead className="sr-only md:not-sr-only md:table-header-group">
              <tr className="border-b border-line text-muted">
                <th scope="col" className="px-4 py-2 font-medium">Server</th>
                <th scope="col" className="px-4 py-2 font-medium">Status</th>
                <th scope="col" className="px-4 py-2 font-medium">Tools</th>
                <th scope="col" className="px-4 py-2 font-medium">Protocol</th>
                <th scope="col" className="px-4 py-2 font-medium">Since</th>
                <th scope="col" className="px-4 py-2 font-medium">
                  <span className="sr-only">Action</span>
                </th>
              </tr>
            </thead>
            <tbody className="block divide-y divide-line md:table-row-group">
              {servers.map((s) => (
                <Row key={s.name} server={s} />
              ))}
            </tbody>
          </table>
        </div>
      )}
      {list.hasNextPage && (
        <Button className="self-center" busy={list.isFetchingNextPage} onClick={() => list.fetchNextPage()}>
          Show more
        </Button>
      )}
    </Page>
  );
}

function Tally({ servers, more }: { servers: ServerView[]; more: boolean }) {
  const counts = new Map<StatusName, number>();
  for (const s of servers) counts.set(s.status, (counts.get(s.status) ?? 0) + 1);
  return (
    <ul aria-label="Servers by status" className="flex flex-wrap gap-x-5 gap-y-2 text-sm">
      {(Object.keys(statuses) as StatusName[])
        .filter((s) => counts.has(s))
        .map((s) => (
          <li key={s} className="flex items-center gap-1.5">
            <StatusIcon status={s} />
            {counts.get(s)} {statuses[s].word.toLowerCase()}
          </li>
        ))}
      {more && <li className="text-muted">of those shown</li>}
    </ul>
  );
}

const cell = "block px-4 py-1 first:pt-3 last:pb-3 md:table-cell md:py-3";
const short = `${cell} md:whitespace-nowrap`;

function Row({ server }: { server: ServerView }) {
  const control = useConnect(server);
  return (
    <tr className="block align-top md:table-row">
      <td className={cell}>
        <Link to="/servers/$name" params={{ name: server.name }} className="foreign font-medium">
          {label(server.title)}
        </Link>
        <span className="block text-muted">{server.type}</span>
      </td>
      <td className={`${cell} md:max-w-sm`}>
        <StatusBadge status={server.status} />
        {server.status !== "connected" && <p className="foreign mt-1 text-muted">{visible(server.message)}</p>}
        {control.problem && (
          <p role="alert" className="text-danger">
            {control.problem}
          </p>
        )}
      </td>
      <td className={cell}>
        <span className="md:hidden">Tools: </span>
        {server.toolCount}
      </td>
      <td className={server.protocolVersion ? short : `${short} max-md:hidden`}>
        {server.protocolVersion && <span className="md:hidden">Protocol: </span>}
        {server.protocolVersion || <span className="text-muted">–</span>}
      </td>
      <td className={server.since ? short : `${short} max-md:hidden`}>
        {server.since && <span className="md:hidden">Since: </span>}
        <time dateTime={server.since ?? undefined} title={dateTime(server.since)}>
          {server.since ? ago(server.since) : ""}
        </time>
      </td>
      <td className={short}>
        <ActionButton server={server} control={control} />
      </td>
    </tr>
  );
}
