import { useInfiniteQuery, useMutation, useQueryClient, useSuspenseQuery } from "@tanstack/react-query";
import { MonitorSmartphone } from "lucide-react";
import { useRef } from "react";
import { call } from "../api/client";
import { messageOf } from "../api/errors";
import { keys } from "../api/keys";
import { me } from "../api/me";
import { logins as loginsQuery, rows } from "../api/queries";
import type { LoginView } from "../api/schema";
import { ago, dateTime, device } from "../lib/format";
import { visible } from "../lib/text";
import { useForm } from "../lib/use-form";
import { Button } from "../ui/button";
import { Badge, Failed, Skeleton } from "../ui/feedback";
import { SecretField } from "../ui/field";
import { Page, Panel } from "../ui/page";
import { toast } from "../ui/toast";
import { Summary } from "./gate";

export function Security() {
  return (
    <Page title="Password and devices">
      <Password />
      <Devices />
    </Page>
  );
}

function Password() {
  const element = useRef<HTMLFormElement>(null);
  const cache = useQueryClient();
  const { data: user } = useSuspenseQuery(me);
  const form = useForm(
    (v) => call("changePassword", { body: { currentPassword: v.currentPassword ?? "", newPassword: v.newPassword ?? "" } }),
    () => {
      element.current?.reset();
      toast("Password changed");
      void cache.invalidateQueries({ queryKey: keys.logins });
    },
  );
  return (
    <Panel title="Password" lead="Changing it ends your other logins.">
      <form ref={element} onSubmit={form.submit} className="flex max-w-sm flex-col gap-4">
        <Summary form={form} />
        {/* for password managers, which want to know whose password this is */}
        <input type="text" name="username" autoComplete="username" value={user.email} readOnly hidden />
        <SecretField label="Current password" name="currentPassword" autoComplete="current-password" required wrong={form.wrong("currentPassword")} />
        <SecretField label="New password" name="newPassword" autoComplete="new-password" required help="At least 8 characters." wrong={form.wrong("newPassword")} />
        <div>
          <Button type="submit" look="primary" busy={form.busy}>
            Change password
          </Button>
        </div>
      </form>
    </Panel>
  );
}

function Devices() {
  const cache = useQueryClient();
  const list = useInfiniteQuery(loginsQuery);
  const end = useMutation({
    mutationFn: (id: string) => call("endLogin", { path: { id } }),
    onSuccess: () => toast("Login ended"),
    onError: (error) => toast(messageOf(error)),
    onSettled: () => cache.invalidateQueries({ queryKey: keys.logins }),
  });
  // The newest are the ones somebody looks for.
  const logins = rows(list.data?.pages).sort((a, b) => Number(b.current) - Number(a.current) || (b.lastUsedAt ?? "").localeCompare(a.lastUsedAt ?? ""));
  return (
    <Panel title="Devices" lead="Where you are signed in.">
      {list.isPending && <Skeleton rows={2} what="your logins" />}
      {list.isError && <Failed error={list.error} retry={() => list.refetch()} what="Your logins" />}
      <ul className="divide-y divide-line">
        {logins.map((l) => (
          <Device key={l.id} login={l} busy={end.isPending && end.variables === l.id} onEnd={() => end.mutate(l.id)} />
        ))}
      </ul>
      {list.hasNextPage && (
        <Button className="mt-3" busy={list.isFetchingNextPage} onClick={() => list.fetchNextPage()}>
          Show more
        </Button>
      )}
    </Panel>
  );
}

function Device({ login, busy, onEnd }: { login: LoginView; busy: boolean; onEnd: () => void }) {
  const name = visible(device(login.userAgent));
  return (
    <li className="flex flex-wrap items-center gap-x-4 gap-y-2 py-3 first:pt-0 last:pb-0">
      <MonitorSmartphone aria-hidden className="size-5 shrink-0 text-muted" />
      <div className="min-w-0 flex-1 basis-48">
        <p className="flex flex-wrap items-center gap-2 text-sm font-medium">
          <span className="foreign">{name}</span>
          {login.current && <Badge look="bg-ok-tint text-ok">This device</Badge>}
        </p>
        <p className="text-sm text-muted">
          {login.ip} · last used <time dateTime={login.lastUsedAt ?? undefined} title={dateTime(login.lastUsedAt)}>{ago(login.lastUsedAt)}</time> · signed in {dateTime(login.createdAt)}
        </p>
      </div>
      {!login.current && (
        <Button busy={busy} onClick={onEnd}>
          End<span className="sr-only"> the login of {name}</span>
        </Button>
      )}
    </li>
  );
}
