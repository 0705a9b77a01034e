import { keepPreviousData, useInfiniteQuery } from "@tanstack/react-query";
import { Server } from "lucide-react";
import { rows, serverList } from "../api/queries";
import type { ServerView } from "../api/schema";
import { Button } from "../ui/button";
import { Empty, Failed, Skeleton } from "../ui/feedback";
import { SearchBox } from "../ui/search-box";
import { ServerRow } from "./server-row";
import { needsAttention } from "./status";

function Group({ title, servers }: { title: string; servers: ServerView[] }) {
  if (servers.length === 0) return null;
  return (
    <section aria-label={title} className="flex flex-col gap-2">
      <h2 className="text-sm font-medium text-muted">
        {title} ({servers.length})
      </h2>
      <ul className="flex flex-col gap-2">
        {servers.map((s) => (
          <ServerRow key={s.name} server={s} />
        ))}
      </ul>
    </section>
  );
}

/** ServerList is the settings panel's list: those that need somebody first. */
export function ServerList({ search, onSearch, admin, mayAdd }: { search: string; onSearch: (text: string) => void; admin: boolean; mayAdd: boolean }) {
  const list = useInfiniteQuery({ ...serverList(search), placeholderData: keepPreviousData });
  const servers = rows(list.data?.pages);
  return (
    <div className="flex flex-col gap-4">
      <SearchBox label="Search servers" current={search} commit={onSearch} />
      {list.isPending && <Skeleton what="servers" />}
      {list.isError && <Failed error={list.error} retry={() => list.refetch()} what="The servers" />}
      {list.isSuccess && servers.length === 0 && search !== "" && (
        <Empty icon={Server} title="No server matches." action={<Button onClick={() => onSearch("")}>Show all</Button>}>
          Names, titles and descriptions are searched.
        </Empty>
      )}
      {list.isSuccess && servers.length === 0 && search === "" && (
        <Empty icon={Server} title="No servers yet">
          {mayAdd && <p>Add one by its address, and share it with whom you like.</p>}
          {admin && (
            <p>
              Or write it under <code>mcpServers</code> in <code>librechat.yaml</code>. Saving the file is enough: it appears here by itself.
            </p>
          )}
          {!mayAdd && <p>Ask an administrator to add one, or to let you see one.</p>}
        </Empty>
      )}
      <Group title="Needs attention" servers={servers.filter(needsAttention)} />
      <Group title={servers.some(needsAttention) ? "Others" : "Servers"} servers={servers.filter((s) => !needsAttention(s))} />
      {list.hasNextPage && (
        <Button busy={list.isFetchingNextPage} onClick={() => list.fetchNextPage()} className="self-center">
          Show more
        </Button>
      )}
    </div>
  );
}
