import { useSuspenseQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { me } from "../api/me";
import { Page } from "../ui/page";
import { ServerList } from "./server-list";

export function ServersPage() {
  const { q = "" } = useSearch({ from: "/shell/servers" });
  const navigate = useNavigate({ from: "/servers" });
  const { data: user } = useSuspenseQuery(me);
  return (
    <Page title="MCP servers" lead="What you can use here, and what needs you first.">
      <ServerList search={q} onSearch={(text) => navigate({ search: (old) => ({ ...old, q: text || undefined }), replace: true })} admin={user.role === "ADMIN"} />
    </Page>
  );
}
