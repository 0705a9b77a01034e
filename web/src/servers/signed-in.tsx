import { useQuery } from "@tanstack/react-query";
import { Link, useSearch } from "@tanstack/react-router";
import { oneServer } from "../api/queries";
import { label } from "../lib/text";
import { buttonClass } from "../ui/button";
import { Failed, Skeleton } from "../ui/feedback";
import { Page } from "../ui/page";
import { StatusBadge } from "./status-badge";
import { StatusLine } from "./status-line";

/** SignedIn is where a sign-in at a server's provider leads back to. */
export function SignedIn() {
  const { server: name = "" } = useSearch({ from: "/shell/oauth/done" });
  const server = useQuery({ ...oneServer(name), enabled: name !== "" });
  return (
    <Page title={name ? `Sign-in at ${label(server.data?.title ?? name)}` : "Sign-in"} lead="You can close this tab: the page you came from goes on by itself.">
      {name !== "" && server.isPending && <Skeleton rows={1} what="the server" />}
      {server.isError && <Failed error={server.error} what="The server" />}
      {server.data && (
        <div className="flex flex-col items-start gap-2">
          <StatusBadge status={server.data.status} />
          <StatusLine server={server.data} />
        </div>
      )}
      <div>
        <Link to="/servers" className={buttonClass("primary")}>
          Back to MCP servers
        </Link>
      </div>
    </Page>
  );
}
