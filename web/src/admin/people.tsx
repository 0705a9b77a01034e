import { keepPreviousData, useInfiniteQuery, useQueryClient, useSuspenseQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { Users } from "lucide-react";
import { lazy, Suspense, useState } from "react";
import { call } from "../api/client";
import { messageOf } from "../api/errors";
import { keys } from "../api/keys";
import { me } from "../api/me";
import { rows, users } from "../api/queries";
import type { ChangeUserInputBody, UserView } from "../api/schema";
import { dateTime } from "../lib/format";
import { label } from "../lib/text";
import { Button } from "../ui/button";
import { Confirm } from "../ui/confirm";
import { Badge, Banner, Empty, Failed, Skeleton } from "../ui/feedback";
import { Page } from "../ui/page";
import { SearchBox } from "../ui/search-box";
import { toast } from "../ui/toast";
import { OnlyAdmins } from "./only-admins";

export function People() {
  return (
    <OnlyAdmins title="People">
      <List />
    </OnlyAdmins>
  );
}

const AddPerson = lazy(async () => ({ default: (await import("./add-person")).AddPerson }));

type Change = { user: UserView; body: ChangeUserInputBody };

const titles = (c: Change, name: string): [title: string, action: string, text: string] => {
  if (c.body.role === "ADMIN") return [`Make ${name} an administrator?`, "Make administrator", "Administrators look after servers and people, and see every account."];
  if (c.body.role === "USER") return [`Take the role from ${name}?`, "Take the role", "The account stays, and can do what everybody can."];
  if (c.body.disabled) return [`Disable ${name}?`, "Disable", "Logins and API tokens of the account stop working at once. Nothing is deleted."];
  return [`Enable ${name}?`, "Enable", "The person can sign in again."];
};

function List() {
  const { q = "" } = useSearch({ from: "/shell/admin/users" });
  const navigate = useNavigate({ from: "/admin/users" });
  const cache = useQueryClient();
  const { data: self } = useSuspenseQuery(me);
  const [adding, setAdding] = useState(false);
  const [asked, setAsked] = useState<Change | null>(null);
  const [problem, setProblem] = useState("");
  const [busy, setBusy] = useState(false);
  const list = useInfiniteQuery({ ...users(q), placeholderData: keepPreviousData });
  const found = rows(list.data?.pages);
  const change = async ({ user, body }: Change) => {
    setBusy(true);
    try {
      await call("changeUser", { path: { id: user.id }, body });
      setProblem("");
      toast("Changed");
    } catch (error) {
      setProblem(messageOf(error));
    }
    setBusy(false);
    setAsked(null);
    void cache.invalidateQueries({ queryKey: keys.users.all });
  };
  const [title, action, text] = asked ? titles(asked, label(asked.user.name || asked.user.email, 60)) : ["", "", ""];
  return (
    <Page
      title="People"
      lead="Who has an account here."
      actions={
        <Button look="primary" icon={Users} onClick={() => setAdding(true)}>
          Add a person
        </Button>
      }
    >
      <SearchBox label="Search people" current={q} commit={(t) => navigate({ search: (old) => ({ ...old, q: t || undefined }), replace: true })} />
      {problem && (
        <Banner tone="error" alert>
          {problem}
        </Banner>
      )}
      {list.isPending && <Skeleton what="people" />}
      {list.isError && <Failed error={list.error} retry={() => list.refetch()} what="The list of people" />}
      {list.isSuccess && found.length === 0 && <Empty icon={Users} title="Nobody matches.">E-mail addresses, names and usernames are searched.</Empty>}
      {found.length > 0 && (
        <ul className="divide-y divide-line rounded-2xl border border-line bg-surface px-4">
          {found.map((u) => (
            <Person key={u.id} user={u} self={u.id === self.id} ask={(body) => setAsked({ user: u, body })} />
          ))}
        </ul>
      )}
      {list.hasNextPage && (
        <Button className="self-center" busy={list.isFetchingNextPage} onClick={() => list.fetchNextPage()}>
          Show more
        </Button>
      )}
      {adding && (
        <Suspense fallback={null}>
          <AddPerson onClose={() => setAdding(false)} />
        </Suspense>
      )}
      <Confirm open={asked !== null} title={title} action={action} busy={busy} onConfirm={() => asked && void change(asked)} onClose={() => setAsked(null)}>
        {text}
      </Confirm>
    </Page>
  );
}

function Person({ user, self, ask }: { user: UserView; self: boolean; ask: (body: ChangeUserInputBody) => void }) {
  const name = label(user.name || user.username, 100);
  const admin = user.role === "ADMIN";
  return (
    <li className="flex flex-wrap items-center gap-x-4 gap-y-2 py-3">
      <div className="min-w-0 flex-1 basis-60">
        <p className="flex flex-wrap items-center gap-2 text-sm font-medium">
          <bdi className="foreign">{name}</bdi>
          {self && <Badge>You</Badge>}
          {admin && <Badge look="bg-accent-tint text-accent">Administrator</Badge>}
          {user.disabled && <Badge look="bg-danger-tint text-danger">Disabled</Badge>}
        </p>
        <p className="foreign text-sm text-muted">
          {label(user.email, 320)}
          {!user.emailVerified && " (not verified)"} · since {dateTime(user.createdAt)}
        </p>
      </div>
      <div className="flex flex-wrap gap-2">
        <Button onClick={() => ask({ role: admin ? "USER" : "ADMIN" })}>
          {admin ? "Take administrator role" : "Make administrator"}
          <span className="sr-only"> ({name})</span>
        </Button>
        {!self && (
          <Button look={user.disabled ? "plain" : "danger"} onClick={() => ask({ disabled: !user.disabled })}>
            {user.disabled ? "Enable" : "Disable"}
            <span className="sr-only"> {name}</span>
          </Button>
        )}
      </div>
    </li>
  );
}
