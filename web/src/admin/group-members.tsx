import { useInfiniteQuery, useMutation, useQueryClient } from "@tanstack/react-query";
import { UserMinus } from "lucide-react";
import { call } from "../api/client";
import { messageOf } from "../api/errors";
import { rows } from "../api/queries";
import { label } from "../lib/text";
import { Finder, type Found } from "../people/finder";
import { Button, IconButton } from "../ui/button";
import { Dialog } from "../ui/dialog";
import { Banner, Failed, Skeleton } from "../ui/feedback";
import { toast } from "../ui/toast";
import { groupsKey, members } from "./groups-remote";

/** Members shows who is in a group, and lets people in and out. Each change holds at once. */
export function Members({ id, name, onClose }: { id: string; name: string | undefined; onClose: () => void }) {
  const cache = useQueryClient();
  const list = useInfiniteQuery(members(id));
  const found = rows(list.data?.pages);
  const done = () => void cache.invalidateQueries({ queryKey: groupsKey });
  const add = useMutation({ mutationFn: (f: Found) => call("addMember", { path: { id, user: f.id } }).then(() => f), onSuccess: (f) => toast(`${label(f.name, 60)} is in the group`), onSettled: done });
  const remove = useMutation({ mutationFn: (user: string) => call("removeMember", { path: { id, user } }), onSuccess: () => toast("Taken out of the group"), onSettled: done });
  const failed = add.error ?? remove.error;
  return (
    <Dialog open onClose={onClose} title={name ? `Members of ${label(name, 60)}` : "Members"} description="Who is added may at once do what the group may; who is taken out may not any more.">
      <div className="flex flex-col gap-4">
        {failed && (
          <Banner tone="error" alert>
            {messageOf(failed)}
          </Banner>
        )}
        <Finder stay label="Search people to add" except={(f) => found.some((u) => u.id === f.id)} onPick={(f) => add.mutate(f)} />
        {list.isPending && <Skeleton rows={2} what="members" />}
        {list.isError && <Failed error={list.error} retry={() => list.refetch()} what="The members" />}
        {list.isSuccess && found.length === 0 && <p className="text-sm">Nobody is in it yet.</p>}
        {found.length > 0 && (
          <ul aria-label="Members" className="divide-y divide-line">
            {found.map((u) => {
              const who = label(u.name || u.username, 80);
              return (
                <li key={u.id} className="flex items-center gap-3 py-2">
                  <div className="min-w-0 flex-1 text-sm">
                    <p className="font-medium">
                      <bdi className="foreign">{who}</bdi>
                    </p>
                    <p className="foreign text-muted">{label(u.email, 320)}</p>
                  </div>
                  <IconButton icon={UserMinus} label={`Take ${who} out`} busy={remove.isPending && remove.variables === u.id} onClick={() => remove.mutate(u.id)} />
                </li>
              );
            })}
          </ul>
        )}
        {list.hasNextPage && (
          <Button className="self-center" busy={list.isFetchingNextPage} onClick={() => list.fetchNextPage()}>
            Show more
          </Button>
        )}
      </div>
    </Dialog>
  );
}
