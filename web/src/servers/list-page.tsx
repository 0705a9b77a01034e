import { useSuspenseQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useSite } from "../account/use-site";
import { me } from "../api/me";
import { Page } from "../ui/page";
import { AddServer } from "./add-server";
import { ServerList } from "./server-list";

export function ServersPage() {
  const { q = "" } = useSearch({ from: "/shell/servers" });
  const navigate = useNavigate({ from: "/servers" });
  const { data: user } = useSuspenseQuery(me);
  const site = useSite();
  const admin = user.role === "ADMIN";
  const mayAdd = admin || (site?.interface.mcpServers.create ?? false);
  return (
    <Page title="MCP servers" lead="What you can use here, and what needs you first." actions={mayAdd && <AddServer />}>
      <ServerList search={q} onSearch={(text) => navigate({ search: (old) => ({ ...old, q: text || undefined }), replace: true })} admin={admin} mayAdd={mayAdd} />
    </Page>
  );
}
