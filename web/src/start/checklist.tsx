import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Circle, CircleCheck, X } from "lucide-react";
import { type ReactNode, useState } from "react";
import { providers as providersQuery } from "../account/remote";
import { call } from "../api/client";
import { keys } from "../api/keys";
import { me } from "../api/me";
import type { Provider, UserView } from "../api/schema";
import { useServers } from "../chat/server-menu-state";
import { can } from "../servers/status";
import { IconButton } from "../ui/button";

const storageKey = (user: string) => `patchbay-checklist-${user}`;

function dismissedBy(user: string): boolean {
  try {
    return localStorage.getItem(storageKey(user)) !== null;
  } catch {
    return false;
  }
}

/** Checklist leads through a first start: a model, a server, a message. It is gone once they are there, or when it is not wanted. */
export function Checklist() {
  const { data: user } = useQuery(me);
  const [dismissed, setDismissed] = useState(false);
  if (!user || dismissed || dismissedBy(user.id)) return null;
  const dismiss = () => {
    try {
      localStorage.setItem(storageKey(user.id), "1");
    } catch {
      // storage is off: it is gone until the page is left
    }
    setDismissed(true);
    document.getElementById("main")?.focus({ preventScroll: true });
  };
  return <Steps user={user} onDismiss={dismiss} />;
}

function Steps({ user, onDismiss }: { user: UserView; onDismiss: () => void }) {
  const providers = useQuery(providersQuery);
  const chats = useQuery({ queryKey: keys.firstChat, queryFn: ({ signal }) => call("listConversations", { query: { limit: 1 } }, signal), staleTime: 0 });
  const { list, servers } = useServers();
  if (!providers.data || !chats.data || !list.isSuccess) return null; // nothing that jumps into view and out again
  const model = providers.data.some((p) => p.ready);
  const server = servers.some((s) => s.status === "connected" && can(s, "USE"));
  const chat = (chats.data.data?.length ?? 0) > 0;
  if (model && server && chat) return null;
  const admin = user.role === "ADMIN";
  return (
    <section aria-labelledby="first-steps" className="w-full max-w-xl rounded-2xl border border-line bg-surface p-4 text-left">
      <div className="flex items-start justify-between gap-3">
        <div>
          <h2 id="first-steps" className="font-semibold">
            First steps
          </h2>
          <p className="text-sm text-muted">{[model, server, chat].filter(Boolean).length} of 3 done</p>
        </div>
        <IconButton icon={X} label="Dismiss the first steps" onClick={onDismiss} className="-mr-2 -mt-1" />
      </div>
      <ol className="mt-2 flex flex-col gap-3">
        <Step done={model} title="Have a model to ask">
          <Model providers={providers.data} admin={admin} />
        </Step>
        <Step done={server} title="Connect an MCP server">
          {servers.length > 0 ? (
            <>
              Open <Link to="/servers">MCP servers</Link> and press Initialize, or choose one below the input.
            </>
          ) : admin ? (
            <>
              Add one under <code>mcpServers</code> in <code>librechat.yaml</code>; saving the file is enough.
            </>
          ) : (
            "Ask an administrator to add one, or to let you use one."
          )}
        </Step>
        <Step done={chat} title="Send a first message">
          Write it below, and watch the tools work.
        </Step>
      </ol>
    </section>
  );
}

function Step({ done, title, children }: { done: boolean; title: string; children: ReactNode }) {
  const Icon = done ? CircleCheck : Circle;
  return (
    <li className="flex gap-3 text-sm">
      <Icon aria-hidden className={`mt-0.5 size-4.5 shrink-0 ${done ? "text-ok" : "text-muted"}`} />
      <div className="min-w-0">
        <p className="font-medium">
          {title}
          {done && <span className="sr-only">: done</span>}
        </p>
        {!done && <p className="text-muted">{children}</p>}
      </div>
    </li>
  );
}

function Model({ providers, admin }: { providers: Provider[]; admin: boolean }): ReactNode {
  if (providers.some((p) => p.userProvide || p.userProvideURL)) {
    return (
      <>
        Give a key of yours under <Link to="/settings/keys">Model keys</Link>.
      </>
    );
  }
  if (!admin) return providers.length > 0 ? "The models that are set up cannot be asked now. Tell an administrator." : "Ask an administrator to add a model provider.";
  return (
    <>
      Set a key such as <code>OPENAI_API_KEY</code> in the environment, or add a local Ollama under <code>endpoints.custom</code> in <code>librechat.yaml</code>: it needs no key. <Link to="/settings/keys">What is there now</Link>
    </>
  );
}
