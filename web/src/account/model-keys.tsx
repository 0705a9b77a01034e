import { useMutation, useQuery, useQueryClient, useSuspenseQuery } from "@tanstack/react-query";
import { Bot, CircleCheck, KeyRound } from "lucide-react";
import { useState } from "react";
import { call } from "../api/client";
import { messageOf } from "../api/errors";
import { keys } from "../api/keys";
import { me } from "../api/me";
import type { KeyView, Provider } from "../api/schema";
import { ago, dateTime } from "../lib/format";
import { label, visible } from "../lib/text";
import { Button } from "../ui/button";
import { Confirm } from "../ui/confirm";
import { Badge, Empty, Failed, Skeleton } from "../ui/feedback";
import { Page } from "../ui/page";
import { toast } from "../ui/toast";
import { KeyDialog } from "./key-dialog";
import { modelKeys, providers as providersQuery } from "./remote";

/** ModelKeys says for each model provider whose key is used, and takes the person's own. */
export function ModelKeys() {
  const providers = useQuery(providersQuery);
  const given = useQuery(modelKeys);
  const [editing, setEditing] = useState<string | null>(null);
  const [removing, setRemoving] = useState<string | null>(null);
  const failed = providers.error ?? given.error;
  const list = providers.data ?? [];
  const provider = list.find((p) => p.name === editing);
  return (
    <Page title="Model keys" lead="Keys for models, sealed when they are stored. They go in and never come out again.">
      {(providers.isPending || given.isPending) && !failed && <Skeleton what="model providers" />}
      {failed && (
        <Failed
          error={failed}
          retry={() => {
            void providers.refetch();
            void given.refetch();
          }}
          what="The model providers"
        />
      )}
      {providers.data && given.data && list.length === 0 && <NoProviders />}
      {providers.data && given.data && list.length > 0 && (
        <ul className="flex flex-col gap-3">
          {list.map((p) => (
            <Row key={p.name} provider={p} given={given.data.find((k) => k.name === p.name)} onEdit={() => setEditing(p.name)} onRemove={() => setRemoving(p.name)} />
          ))}
        </ul>
      )}
      {provider && <KeyDialog provider={provider} given={given.data?.find((k) => k.name === provider.name)} onClose={() => setEditing(null)} />}
      <Removal name={removing} title={list.find((p) => p.name === removing)?.title ?? ""} onClose={() => setRemoving(null)} />
    </Page>
  );
}

function Row({ provider, given, onEdit, onRemove }: { provider: Provider; given: KeyView | undefined; onEdit: () => void; onRemove: () => void }) {
  const title = label(provider.title || provider.name, 80);
  const own = provider.userProvide || provider.userProvideURL;
  const expired = given?.expiresAt ? Date.parse(given.expiresAt) < Date.now() : false;
  return (
    <li className="flex flex-wrap items-center gap-x-4 gap-y-3 rounded-2xl border border-line bg-surface p-4">
      <div className="min-w-0 flex-1 basis-60">
        <h2 className="foreign flex flex-wrap items-center gap-2 text-base font-medium">
          {title}
          {own && <Badge look={given && !expired ? "bg-ok-tint text-ok" : "bg-key-tint text-key"}>{expired ? "Expired" : given ? "Set" : "Not set"}</Badge>}
        </h2>
        <p className="text-sm text-muted">{own ? ownState(given, expired) : "Looked after by the administrator: nothing to do for you."}</p>
        {provider.problem && (!own || given) && <p className="foreign text-sm text-plug">{visible(provider.problem)}</p>}
        {provider.ready && (
          <p className="flex items-center gap-1.5 text-sm text-ok">
            <CircleCheck aria-hidden className="size-4" />
            Ready{provider.models && provider.models.length > 0 ? `: ${provider.models.length} ${provider.models.length === 1 ? "model" : "models"}` : ""}
          </p>
        )}
      </div>
      {own && (
        <div className="flex flex-wrap gap-2">
          {given && (
            <Button look="danger" onClick={onRemove}>
              Remove<span className="sr-only"> the key for {title}</span>
            </Button>
          )}
          <Button look={given ? "plain" : "primary"} icon={KeyRound} onClick={onEdit}>
            {given ? "Change" : "Set key"}
            <span className="sr-only"> for {title}</span>
          </Button>
        </div>
      )}
    </li>
  );
}

function ownState(given: KeyView | undefined, expired: boolean): string {
  if (!given) return "Needs a key of yours.";
  const until = !given.expiresAt ? "does not expire" : expired ? `expired ${ago(given.expiresAt)}` : `expires ${ago(given.expiresAt)}, on ${dateTime(given.expiresAt)}`;
  return `Your key${given.baseURL ? " and address" : ""}, given ${ago(given.updatedAt)}; ${until}.`;
}

function NoProviders() {
  const { data: user } = useSuspenseQuery(me);
  return (
    <Empty icon={Bot} title="No models yet">
      {user.role === "ADMIN" ? (
        <p>
          Set <code>OPENAI_API_KEY</code> or another provider's key in the environment (<code>user_provided</code> lets each person give their own), or add one under{" "}
          <code>endpoints</code> in <code>librechat.yaml</code>: a local Ollama needs no key.
        </p>
      ) : (
        <p>Ask an administrator to add a model provider.</p>
      )}
    </Empty>
  );
}

function Removal({ name, title, onClose }: { name: string | null; title: string; onClose: () => void }) {
  const cache = useQueryClient();
  const remove = useMutation({
    mutationFn: (provider: string) => call("deleteKey", { path: { name: provider } }),
    onSuccess: () => toast("Key removed"),
    onError: (error) => toast(messageOf(error)),
    onSettled: () => {
      void cache.invalidateQueries({ queryKey: keys.modelKeys });
      void cache.invalidateQueries({ queryKey: keys.providers });
      onClose();
    },
  });
  return (
    <Confirm open={name !== null} title={`Remove your key for ${label(title || (name ?? ""), 60)}?`} action="Remove" busy={remove.isPending} onConfirm={() => name !== null && remove.mutate(name)} onClose={onClose}>
      Chats and agents of yours that use its models stop working until you give a key again.
    </Confirm>
  );
}
