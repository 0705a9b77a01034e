import { useInfiniteQuery, useMutation, useQueryClient } from "@tanstack/react-query";
import { ShieldCheck } from "lucide-react";
import { call } from "../api/client";
import { messageOf } from "../api/errors";
import { keys } from "../api/keys";
import { rows } from "../api/queries";
import type { ApprovalView } from "../api/schema";
import { base } from "../lib/base";
import { ago, dateTime } from "../lib/format";
import { label } from "../lib/text";
import { Button } from "../ui/button";
import { Badge, Empty, Failed, Skeleton } from "../ui/feedback";
import { Page } from "../ui/page";
import { toast } from "../ui/toast";
import { approvals as approvalsQuery } from "./remote";

/** Approvals are the tools that a person lets run without being asked again. */
export function Approvals() {
  const cache = useQueryClient();
  const list = useInfiniteQuery(approvalsQuery);
  const approvals = rows(list.data?.pages);
  const revoke = useMutation({
    mutationFn: (id: string) => call("deleteApproval", { path: { id } }),
    onSuccess: () => toast("Revoked: you are asked again"),
    onError: (error) => toast(messageOf(error)),
    onSettled: () => cache.invalidateQueries({ queryKey: keys.approvals }),
  });
  return (
    <Page title="Approvals" lead="Tools that you said may run without asking you again. When a server changes a tool, you are asked anew.">
      {list.isPending && <Skeleton what="your approvals" />}
      {list.isError && <Failed error={list.error} retry={() => list.refetch()} what="Your approvals" />}
      {list.isSuccess && approvals.length === 0 && (
        <Empty icon={ShieldCheck} title="Nothing is approved ahead">
          When a tool asks for your approval in a chat, you can allow it for that chat or always. It is listed here then.
        </Empty>
      )}
      {approvals.length > 0 && (
        <ul className="divide-y divide-line rounded-2xl border border-line bg-surface px-4 md:px-5">
          {approvals.map((a) => (
            <Row key={a.id} approval={a} busy={revoke.isPending && revoke.variables === a.id} onRevoke={() => revoke.mutate(a.id)} />
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

function Row({ approval, busy, onRevoke }: { approval: ApprovalView; busy: boolean; onRevoke: () => void }) {
  const tool = label(approval.tool, 80);
  const server = label(approval.serverName, 60);
  return (
    <li className="flex flex-wrap items-center gap-x-4 gap-y-2 py-3">
      <div className="min-w-0 flex-1 basis-48">
        <p className="foreign text-sm font-medium">
          <code>{tool}</code> <span className="font-normal text-muted">on {server}</span>
        </p>
        <p className="text-sm text-muted">
          Allowed{" "}
          <time dateTime={approval.createdAt ?? undefined} title={dateTime(approval.createdAt)}>
            {ago(approval.createdAt)}
          </time>
          {approval.conversationId && (
            <>
              {" · "}
              <a href={`${base}/c/${encodeURIComponent(approval.conversationId)}`}>the chat</a>
            </>
          )}
        </p>
      </div>
      <Badge look={approval.scope === "always" ? "bg-key-tint text-key" : undefined}>{approval.scope === "always" ? "Always" : "In one chat"}</Badge>
      <Button busy={busy} onClick={onRevoke}>
        Revoke
        <span className="sr-only">
          {" "}
          {tool} on {server}
        </span>
      </Button>
    </li>
  );
}
