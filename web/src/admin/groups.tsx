import { keepPreviousData, useInfiniteQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { Pencil, Plus, Trash2, UsersRound } from "lucide-react";
import { lazy, Suspense, useState } from "react";
import { call } from "../api/client";
import { messageOf } from "../api/errors";
import { rows } from "../api/queries";
import type { GroupView } from "../api/schema";
import { count, dateTime } from "../lib/format";
import { label } from "../lib/text";
import { Button, IconButton } from "../ui/button";
import { Confirm } from "../ui/confirm";
import { Banner, Empty, Failed, Skeleton } from "../ui/feedback";
import { Page } from "../ui/page";
import { SearchBox } from "../ui/search-box";
import { toast } from "../ui/toast";
import { GroupName } from "./group-name";
import { groups, groupsKey } from "./groups-remote";
import { OnlyAdmins } from "./only-admins";

const Members = lazy(async () => ({ default: (await import("./group-members")).Members }));

/** Groups are people to whom something is given together. */
export function Groups() {
  return (
    <OnlyAdmins title="Groups">
      <List />
    </OnlyAdmins>
  );
}

function List() {
  const { q = "", group } = useSearch({ from: "/shell/admin/groups" });
  const navigate = useNavigate({ from: "/admin/groups" });
  const cache = useQueryClient();
  const [naming, setNaming] = useState<GroupView | "new" | null>(null);
  const [deleting, setDeleting] = useState<GroupView | null>(null);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState("");
  const list = useInfiniteQuery({ ...groups(q), placeholderData: keepPreviousData });
  const found = rows(list.data?.pages);
  const open = (id: string | undefined) => void navigate({ search: (old) => ({ ...old, group: id }), replace: id === undefined });
  const remove = async (g: GroupView) => {
    setBusy(true);
    try {
      await call("deleteGroup", { path: { id: g.id } });
      setProblem("");
      toast("Group deleted");
    } catch (error) {
      setProblem(messageOf(error));
    }
    setBusy(false);
    setDeleting(null);
    void cache.invalidateQueries({ queryKey: groupsKey });
  };
  const make = (
    <Button look="primary" icon={Plus} onClick={() => setNaming("new")}>
      New group
    </Button>
  );
  return (
    <Page title="Groups" lead="What is shared with a group, its members have for as long as they are in it." actions={make}>
      <SearchBox label="Search groups" current={q} commit={(t) => navigate({ search: (old) => ({ ...old, q: t || undefined }), replace: true })} />
      {problem && (
        <Banner tone="error" alert>
          {problem}
        </Banner>
      )}
      {list.isPending && <Skeleton what="groups" />}
      {list.isError && <Failed error={list.error} retry={() => list.refetch()} what="The groups" />}
      {list.isSuccess && found.length === 0 && (
        <Empty icon={UsersRound} title={q ? "No group matches." : "No groups yet"}>
          {q ? "Names are searched." : "Make one, put people into it, and share servers with it. The configuration file names groups too: access: {use: [\"group:NAME\"]}."}
        </Empty>
      )}
      {found.length > 0 && (
        <ul className="divide-y divide-line rounded-2xl border border-line bg-surface px-4">
          {found.map((g) => (
            <li key={g.id} className="flex flex-wrap items-center gap-x-4 gap-y-2 py-3">
              <div className="min-w-0 flex-1 basis-40 text-sm">
                <p className="font-medium">
                  <bdi className="foreign">{label(g.name, 100)}</bdi>
                </p>
                <p className="text-muted">
                  {count(g.members, "member")} · since {dateTime(g.createdAt)}
                </p>
              </div>
              <div className="flex items-center gap-2">
                <Button icon={UsersRound} onClick={() => open(g.id)}>
                  Members<span className="sr-only"> of {label(g.name, 80)}</span>
                </Button>
                <IconButton icon={Pencil} label={`Rename ${label(g.name, 80)}`} onClick={() => setNaming(g)} />
                <IconButton icon={Trash2} label={`Delete ${label(g.name, 80)}`} onClick={() => setDeleting(g)} />
              </div>
            </li>
          ))}
        </ul>
      )}
      {list.hasNextPage && (
        <Button className="self-center" busy={list.isFetchingNextPage} onClick={() => list.fetchNextPage()}>
          Show more
        </Button>
      )}
      {naming && (
        <GroupName
          group={naming === "new" ? undefined : naming}
          onClose={(made) => {
            setNaming(null);
            if (made) open(made.id);
          }}
        />
      )}
      <Suspense fallback={null}>{group && <Members id={group} name={found.find((g) => g.id === group)?.name} onClose={() => open(undefined)} />}</Suspense>
      <Confirm open={deleting !== null} title={`Delete ${label(deleting?.name ?? "", 80)}?`} action="Delete" busy={busy} onConfirm={() => deleting && void remove(deleting)} onClose={() => setDeleting(null)}>
        {deleting && deleting.members > 0 ? `Its ${count(deleting.members, "member loses", "members lose")}` : "Its members lose"} what was shared with the group, and nothing else. No account is deleted.
      </Confirm>
    </Page>
  );
}
