import { useQuery } from "@tanstack/react-query";
import { RefreshCw, ScrollText } from "lucide-react";
import { serverLog } from "../api/queries";
import type { LogLineView, ServerView } from "../api/schema";
import { dateTime } from "../lib/format";
import { label, visible } from "../lib/text";
import { Button } from "../ui/button";
import { CopyButton } from "../ui/copy-button";
import { Empty, Failed, Skeleton } from "../ui/feedback";

const clock = (at: string) => new Date(at).toLocaleTimeString("en-GB");

/** ServerLog is what happened to the person's connection, and what the server printed. */
export function ServerLog({ server }: { server: ServerView }) {
  const log = useQuery(serverLog(server.name));
  if (log.isPending) return <Skeleton what="the log" />;
  if (log.isError) return <Failed error={log.error} retry={() => log.refetch()} what="The log" />;
  const lines = log.data.data ?? [];
  const happened = lines.filter((l) => l.from === "connection");
  const printed = lines.filter((l) => l.from === "server");
  const title = label(server.title);
  return (
    <div className="flex flex-col gap-5">
      <div className="flex flex-wrap items-center justify-between gap-2">
        <p className="min-w-0 flex-1 basis-60 text-sm text-muted">Of your own connection since patchbay started. Secrets of the definition are hidden.</p>
        <div className="flex flex-wrap gap-2">
          {lines.length > 0 && <CopyButton text={() => asText(lines)} label="Copy log" />}
          <Button icon={RefreshCw} busy={log.isFetching} onClick={() => log.refetch()}>
            Refresh
          </Button>
        </div>
      </div>
      {lines.length === 0 && (
        <Empty icon={ScrollText} title="Nothing yet">
          Lines appear once {title} has been connected, or has failed to.
        </Empty>
      )}
      {happened.length > 0 && (
        <section aria-labelledby="log-connection">
          <h3 id="log-connection" className="mb-2 text-sm font-medium">
            Connection
          </h3>
          <ol className="divide-y divide-line text-sm">
            {happened.toReversed().map((l, i) => (
              <li key={i} className="flex gap-4 py-1.5">
                <time dateTime={l.at ?? undefined} title={dateTime(l.at)} className="shrink-0 font-mono text-xs leading-5 text-muted">
                  {l.at ? clock(l.at) : ""}
                </time>
                <span className="foreign min-w-0">{visible(l.text)}</span>
              </li>
            ))}
          </ol>
        </section>
      )}
      {server.type === "stdio" && happened.length > 0 && (
        <section aria-labelledby="log-printed">
          <h3 id="log-printed" className="mb-2 text-sm font-medium">
            Printed by the server
          </h3>
          {printed.length === 0 ? (
            <p className="text-sm text-muted">Nothing on its standard error.</p>
          ) : (
            // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- it scrolls, so the keyboard must reach it
            <pre tabIndex={0} role="region" aria-label={`Printed by ${title}`} className="foreign max-h-[28rem] overflow-auto whitespace-pre-wrap rounded-lg bg-sunken p-3 font-mono text-xs">
              {printed.map((l) => visible(l.text)).join("\n")}
            </pre>
          )}
        </section>
      )}
    </div>
  );
}

function asText(lines: LogLineView[]): string {
  return lines.map((l) => (l.at ? `${l.at} ${l.text}` : l.text)).join("\n");
}
