import type { ServerView } from "../api/schema";
import { label, visible } from "../lib/text";
import { ActionButton } from "../servers/action-button";
import { StatusIcon } from "../servers/status-badge";
import { useConnect } from "../servers/use-connect";
import { Button } from "../ui/button";
import { unready, useServers } from "./server-menu-state";

/** useUnready are the chosen servers that wait for a person before they can be used. */
export function useUnready(selected: string[]): ServerView[] {
  return unready(useServers().servers, selected);
}

function sentence(server: ServerView): string {
  const title = label(server.title, 60);
  if (server.status === "oauth_required") return `${title} is not signed in.`;
  if (server.reason === "needs_variables") return `${title} needs values of yours.`;
  return `${title} is not connected.`;
}

function Line({ server }: { server: ServerView }) {
  const control = useConnect(server);
  const plain = server.status === "oauth_required" || server.reason === "needs_variables";
  return (
    <li className="flex flex-wrap items-center gap-x-3 gap-y-1.5">
      <StatusIcon status={server.status} />
      <div className="min-w-0 flex-1 basis-40">
        <p className="foreign font-medium">{sentence(server)}</p>
        {!plain && <p className="foreign line-clamp-2">{visible(server.message)}</p>}
        {control.problem && (
          <p role="alert" className="text-danger">
            {control.problem}
          </p>
        )}
      </div>
      <ActionButton server={server} control={control} />
    </li>
  );
}

/** UnreadyBar says which chosen servers cannot be used yet, and lets the message go without them. */
export function UnreadyBar({ selected, onSendWithout }: { selected: string[]; onSendWithout?: (names: string[]) => void }) {
  const servers = useUnready(selected);
  if (servers.length === 0) return null;
  return (
    <div role="region" aria-label="Servers that are not ready" className="rounded-xl border border-key bg-key-tint px-3 py-2 text-sm">
      <ul className="flex flex-col gap-2">
        {servers.map((s) => (
          <Line key={s.name} server={s} />
        ))}
      </ul>
      {onSendWithout && (
        <Button className="mt-2" onClick={() => onSendWithout(servers.map((s) => s.name))}>
          Send without {servers.length === 1 ? "it" : "them"}
        </Button>
      )}
    </div>
  );
}
