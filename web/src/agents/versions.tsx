import { useInfiniteQuery, useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { call } from "../api/client";
import { messageOf } from "../api/errors";
import { rows } from "../api/queries";
import type { AgentView } from "../api/schema";
import { ago, count, dateTime } from "../lib/format";
import { label, visible } from "../lib/text";
import { Button } from "../ui/button";
import { Dialog } from "../ui/dialog";
import { Badge, Banner, Failed, Skeleton } from "../ui/feedback";
import { toast } from "../ui/toast";
import { agentVersions, took } from "./remote";

interface Props {
  agent: AgentView;
  dirty: boolean;
  editable: boolean;
  onReverted: (agent: AgentView) => void;
  onClose: () => void;
}

/** Versions lists what an agent was, and goes back to one of them. */
export function Versions({ agent, dirty, editable, onReverted, onClose }: Props) {
  const cache = useQueryClient();
  const list = useInfiniteQuery(agentVersions(agent.id));
  const versions = rows(list.data?.pages);
  const [sure, setSure] = useState<number | null>(null);
  const revert = useMutation({
    mutationFn: (version: number) => call("revertAgent", { path: { id: agent.id }, body: { version } }),
    onSuccess: (back, version) => {
      took(cache, back);
      onReverted(back);
      toast(`Version ${version} is the newest again`);
      onClose();
    },
  });
  const go = (version: number) => (dirty && sure !== version ? setSure(version) : revert.mutate(version));
  return (
    <Dialog open onClose={onClose} title="Versions" description="Each save makes one. Going back makes the old one the newest; nothing is lost.">
      <div className="flex flex-col gap-3">
        {revert.isError && (
          <Banner tone="error" alert>
            {messageOf(revert.error)}
          </Banner>
        )}
        {list.isPending && <Skeleton rows={2} what="versions" />}
        {list.isError && <Failed error={list.error} retry={() => list.refetch()} what="The versions" />}
        <ol className="divide-y divide-line">
          {versions.map((v) => (
            <li key={v.version} className="flex flex-wrap items-start gap-x-4 gap-y-2 py-3">
              <div className="min-w-0 flex-1 basis-48 text-sm">
                <p className="flex flex-wrap items-center gap-2 font-medium">
                  Version {v.version}
                  {v.version === agent.version && <Badge look="bg-ok-tint text-ok">Now</Badge>}
                  <time dateTime={v.updatedAt ?? undefined} title={dateTime(v.updatedAt)} className="font-normal text-muted">
                    {ago(v.updatedAt)}
                  </time>
                </p>
                <p className="foreign text-muted">
                  {label(v.name, 60)} · {v.model ? label(v.model, 50) : "no model"} · {count((v.tools ?? []).length, "server")}
                </p>
                {v.instructions && <p className="foreign line-clamp-2 text-muted">{visible(v.instructions.slice(0, 300))}</p>}
              </div>
              {editable && v.version !== agent.version && (
                <Button look={sure === v.version ? "danger" : "plain"} busy={revert.isPending && revert.variables === v.version} onClick={() => go(v.version)}>
                  {sure === v.version ? "Drop my changes and go back" : "Go back"}
                  <span className="sr-only"> to version {v.version}</span>
                </Button>
              )}
            </li>
          ))}
        </ol>
        {list.isSuccess && versions.length === 0 && <p className="text-sm text-muted">There are no earlier versions.</p>}
        {list.hasNextPage && (
          <Button busy={list.isFetchingNextPage} onClick={() => list.fetchNextPage()} className="self-center">
            Show more
          </Button>
        )}
      </div>
    </Dialog>
  );
}
