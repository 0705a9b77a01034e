import { useQuery } from "@tanstack/react-query";
import { Check, Plus, Server } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { toolsOf } from "../api/queries";
import type { ServerView } from "../api/schema";
import { useServers } from "../chat/server-menu-state";
import { count } from "../lib/format";
import { label, linked } from "../lib/text";
import { Credentials } from "../servers/credentials";
import { ServerIcon } from "../servers/server-icon";
import { SignInPrompt } from "../servers/sign-in";
import { can } from "../servers/status";
import { StatusBadge } from "../servers/status-badge";
import { StatusLine } from "../servers/status-line";
import { useConnect, useSignIn } from "../servers/use-connect";
import { variablesOf } from "../servers/variables";
import { Button } from "../ui/button";
import { Dialog } from "../ui/dialog";
import { Empty, Failed, Skeleton } from "../ui/feedback";
import { inputClass } from "../ui/field";
import type { Choice } from "./draft";

interface Props {
  open: boolean;
  taken: string[];
  onAdd: (choice: Choice) => void;
  onClose: () => void;
}

/** ToolsDialog adds servers to an agent, and connects those that are not ready on the way. */
export function ToolsDialog({ open, taken, onAdd, onClose }: Props) {
  return (
    <Dialog open={open} onClose={onClose} title="Add Tools" description="A server is added with the tools that it has now; choose single ones afterwards." footer={<Button onClick={onClose}>Done</Button>}>
      <List taken={taken} onAdd={onAdd} />
    </Dialog>
  );
}

function List({ taken, onAdd }: Pick<Props, "taken" | "onAdd">) {
  const { list, servers } = useServers();
  const [typed, setTyped] = useState("");
  const search = typed.trim().toLowerCase();
  const usable = servers.filter((s) => can(s, "USE"));
  const found = usable.filter((s) => `${s.title}\n${s.name}\n${s.description}`.toLowerCase().includes(search));
  if (list.isPending) return <Skeleton what="servers" />;
  if (list.isError && servers.length === 0) return <Failed error={list.error} retry={() => list.refetch()} what="The servers" />;
  if (usable.length === 0) {
    return (
      <Empty icon={Server} title="No servers yet">
        Ask an administrator to add one, or to let you use one.
      </Empty>
    );
  }
  return (
    <div className="flex flex-col gap-3">
      <input type="search" aria-label="Search servers" placeholder={`Search ${count(usable.length, "server")}`} value={typed} onChange={(e) => setTyped(e.target.value)} maxLength={200} className={inputClass} />
      {found.length === 0 && (
        <p role="status" className="py-4 text-center text-sm text-muted">
          No server matches.
        </p>
      )}
      <ul className="flex flex-col gap-2">
        {found.map((s) => (
          <Row key={s.name} server={s} taken={taken.includes(s.name)} onAdd={onAdd} />
        ))}
      </ul>
    </div>
  );
}

function Row({ server, taken, onAdd }: { server: ServerView; taken: boolean; onAdd: (choice: Choice) => void }) {
  const [wanted, setWanted] = useState(false);
  const title = label(server.title, 80);
  const about = linked(server.description)
    .map((p) => p.text)
    .join("");
  const unready = server.status !== "connected" && server.toolCount === 0;
  return (
    <li className="rounded-xl border border-line p-3">
      <div className="flex items-start gap-3">
        <ServerIcon server={server} className="size-8! text-xs!" />
        <div className="min-w-0 flex-1">
          <p className="foreign text-sm font-medium">{title}</p>
          {about && <p className="foreign line-clamp-2 text-sm text-muted">{about}</p>}
          <div className="mt-1 flex flex-wrap items-center gap-2">
            <StatusBadge status={server.status} />
            {server.toolCount > 0 && <span className="text-sm text-muted">{count(server.toolCount, "tool")}</span>}
          </div>
        </div>
        {taken ? (
          <span className="inline-flex min-h-9 items-center gap-1.5 text-sm text-ok">
            <Check aria-hidden className="size-4" />
            Added
          </span>
        ) : (
          <Button icon={Plus} busy={wanted && !unready} onClick={() => setWanted(true)}>
            Add<span className="sr-only"> {title}</span>
          </Button>
        )}
      </div>
      {wanted && !taken && (unready ? <Connect server={server} title={title} onAdd={onAdd} onCancel={() => setWanted(false)} /> : <Add server={server} onAdd={onAdd} />)}
    </li>
  );
}

// Add reads the tools and adds them; it is there once the server can be asked.
function Add({ server, onAdd }: { server: ServerView; onAdd: (choice: Choice) => void }) {
  const tools = useQuery(toolsOf(server.name));
  const added = useRef(false);
  useEffect(() => {
    if (!tools.data || tools.isFetching || added.current) return;
    if (tools.data.length < server.toolCount) return; // the list of before it was connected
    added.current = true;
    onAdd({ serverName: server.name, all: false, tools: tools.data.map((t) => t.name) });
  }, [tools.data, tools.isFetching, onAdd, server]);
  if (tools.isError) {
    return (
      <div className="mt-3">
        <Failed error={tools.error} retry={() => tools.refetch()} what="The tools" />
      </div>
    );
  }
  return (
    <p role="status" className="sr-only">
      Adding
    </p>
  );
}

// Connect opens a server within the dialog: by itself, by a sign-in, or with a person's values.
function Connect({ server, title, onAdd, onCancel }: { server: ServerView; title: string; onAdd: (choice: Choice) => void; onCancel: () => void }) {
  const control = useConnect(server, true);
  const signIn = useSignIn(server.name);
  const { connect } = control;
  const begun = useRef(false);
  const needsValues = server.reason === "needs_variables" && variablesOf(server).length > 0;
  useEffect(() => {
    if (begun.current || needsValues || server.status === "initializing") return;
    begun.current = true;
    connect.mutate();
  }, [connect, needsValues, server.status]);
  return (
    <div className="mt-3 flex flex-col gap-3 rounded-lg bg-sunken p-3">
      <div aria-live="polite">
        <p className="text-sm font-medium">{title} has to be connected first; it is added by itself then.</p>
        <StatusLine server={server} />
      </div>
      {control.problem && (
        <p role="alert" className="text-sm text-danger">
          {control.problem}
        </p>
      )}
      {signIn && server.status === "oauth_required" && <SignInPrompt signIn={signIn} title={title} />}
      {needsValues && <Credentials server={server} submit="Save and initialize" onSaved={() => connect.mutate()} />}
      <div className="flex flex-wrap gap-2">
        {!connect.isPending && !signIn && !needsValues && server.status !== "initializing" && (
          <Button onClick={() => connect.mutate()}>
            Try again<span className="sr-only"> to connect {title}</span>
          </Button>
        )}
        <Button onClick={() => onAdd({ serverName: server.name, all: true, tools: [] })}>
          Add all its tools unseen<span className="sr-only"> of {title}</span>
        </Button>
        <Button look="quiet" onClick={onCancel}>
          Not now
        </Button>
      </div>
    </div>
  );
}
