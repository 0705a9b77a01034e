import { Link } from "@tanstack/react-router";
import type { ServerView } from "../api/schema";
import { label, linked } from "../lib/text";
import { ActionButton } from "./action-button";
import { ServerIcon } from "./server-icon";
import { StatusButton } from "./status-badge";
import { StatusLine } from "./status-line";
import { useConfigure, useConnect } from "./use-connect";

/** ServerRow is a server in a list: what it is, its status, why, and what can be done. */
export function ServerRow({ server }: { server: ServerView }) {
  const configure = useConfigure();
  const control = useConnect(server);
  const about = linked(server.description)
    .map((p) => p.text)
    .join("");
  return (
    <li className="rounded-2xl border border-line bg-surface p-4">
      <div className="flex flex-wrap items-start gap-x-4 gap-y-3">
        <div className="flex min-w-0 flex-1 basis-64 gap-3">
          <ServerIcon server={server} />
          <div className="min-w-0 flex-1">
            <h3 className="font-medium leading-6">
              <Link to="/servers/$name" params={{ name: server.name }} className="foreign text-text no-underline hover:underline">
                {label(server.title)}
              </Link>
            </h3>
            {about && <p className="foreign line-clamp-2 text-sm">{about}</p>}
            <StatusLine server={server} />
            {control.problem && (
              <p role="alert" className="text-sm text-danger">
                {control.problem}
              </p>
            )}
          </div>
        </div>
        <div className="flex flex-wrap items-center gap-2 pl-13 md:pl-0">
          <StatusButton status={server.status} name={server.name} server={label(server.title)} onClick={() => configure(server.name)} />
          <ActionButton server={server} control={control} />
        </div>
      </div>
    </li>
  );
}
