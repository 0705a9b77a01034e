import { useInfiniteQuery, useMutation, useQueryClient, useSuspenseQuery } from "@tanstack/react-query";
import { KeyRound, Plus, Trash2 } from "lucide-react";
import { useState } from "react";
import { call } from "../api/client";
import { messageOf } from "../api/errors";
import { keys } from "../api/keys";
import { me } from "../api/me";
import { rows, tokens as tokensQuery } from "../api/queries";
import type { CreateTokenOutputBody, TokenView } from "../api/schema";
import { ago, dateTime } from "../lib/format";
import { label } from "../lib/text";
import { Button, IconButton } from "../ui/button";
import { Confirm } from "../ui/confirm";
import { CopyButton } from "../ui/copy-button";
import { Badge, Empty, Failed, Skeleton } from "../ui/feedback";
import { Dialog } from "../ui/dialog";
import { Page } from "../ui/page";
import { toast } from "../ui/toast";
import { NewToken, scopes } from "./new-token";

export function Tokens() {
  const cache = useQueryClient();
  const { data: user } = useSuspenseQuery(me);
  const [making, setMaking] = useState(false);
  const [made, setMade] = useState<CreateTokenOutputBody | null>(null);
  const [revoking, setRevoking] = useState<TokenView | null>(null);
  const list = useInfiniteQuery(tokensQuery);
  const tokens = rows(list.data?.pages);
  const refresh = () => void cache.invalidateQueries({ queryKey: keys.tokens });
  const revoke = useMutation({
    mutationFn: (id: string) => call("deleteToken", { path: { id } }),
    onSuccess: () => toast("Token revoked"),
    onError: (error) => toast(messageOf(error)),
    onSettled: () => {
      setRevoking(null);
      refresh();
    },
  });
  const add = (
    <Button look="primary" icon={Plus} onClick={() => setMaking(true)}>
      New token
    </Button>
  );
  return (
    <Page title="API tokens" lead="For scripts and the shell: whoever has one acts as you, within its scopes." actions={tokens.length > 0 && add}>
      {list.isPending && <Skeleton rows={2} what="your tokens" />}
      {list.isError && <Failed error={list.error} retry={() => list.refetch()} what="Your tokens" />}
      {list.isSuccess && tokens.length === 0 && (
        <Empty icon={KeyRound} title="No API tokens" action={add}>
          Make one to call tools from a script, or to use <code>patchbay --token</code> from another machine.
        </Empty>
      )}
      {tokens.length > 0 && (
        <ul className="divide-y divide-line rounded-2xl border border-line bg-surface px-4">
          {tokens.map((t) => (
            <Row key={t.id} token={t} onRevoke={() => setRevoking(t)} />
          ))}
        </ul>
      )}
      {list.hasNextPage && (
        <Button className="self-center" busy={list.isFetchingNextPage} onClick={() => list.fetchNextPage()}>
          Show more
        </Button>
      )}
      <NewToken
        open={making}
        admin={user.role === "ADMIN"}
        onClose={() => setMaking(false)}
        onMade={(token) => {
          setMaking(false);
          setMade(token);
          refresh();
        }}
      />
      <Dialog
        open={made !== null}
        onClose={() => setMade(null)}
        title="Copy your token now"
        description="It is shown this once. Whoever has it can act as you."
        footer={
          <Button look="primary" onClick={() => setMade(null)}>
            I have copied it
          </Button>
        }
      >
        <div className="flex items-center gap-2">
          {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- it may scroll */}
          <code tabIndex={0} data-testid="new-token" className="min-w-0 flex-1 break-all rounded-lg bg-sunken p-3 font-mono text-sm">
            {made?.token}
          </code>
          <CopyButton bare text={made?.token ?? ""} label="Copy token" />
        </div>
      </Dialog>
      <Confirm
        open={revoking !== null}
        title={`Revoke “${label(revoking?.name ?? "", 60)}”?`}
        action="Revoke"
        busy={revoke.isPending}
        onConfirm={() => revoking && revoke.mutate(revoking.id)}
        onClose={() => setRevoking(null)}
      >
        What uses this token stops working at once.
      </Confirm>
    </Page>
  );
}

function Row({ token, onRevoke }: { token: TokenView; onRevoke: () => void }) {
  const name = label(token.name, 100);
  const given = token.scopes ?? [];
  const expired = token.expiresAt !== null && Date.parse(token.expiresAt) < Date.now();
  return (
    <li className="flex flex-wrap items-center gap-x-4 gap-y-2 py-3">
      <div className="min-w-0 flex-1 basis-60">
        <p className="foreign text-sm font-medium">{name}</p>
        <p className="text-sm text-muted">
          {token.lastUsedAt ? `Last used ${ago(token.lastUsedAt)}` : "Not used yet"} · made {dateTime(token.createdAt)} ·{" "}
          {token.expiresAt ? (expired ? <strong className="text-danger">expired</strong> : `expires ${ago(token.expiresAt)}`) : "never expires"}
        </p>
      </div>
      <div className="flex flex-wrap gap-1.5">
        {given.length === 0 ? <Badge>All scopes</Badge> : given.map((s) => <Badge key={s}>{scopes[s]?.word ?? s}</Badge>)}
      </div>
      <IconButton icon={Trash2} label={`Revoke ${name}`} onClick={onRevoke} />
    </li>
  );
}
