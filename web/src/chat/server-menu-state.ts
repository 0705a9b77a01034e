// What the menu of servers is made of: which are there, which are chosen, which tools are off.
import { useInfiniteQuery } from "@tanstack/react-query";
import { useEffect, useMemo } from "react";
import { rows, serverList } from "../api/queries";
import type { ServerView } from "../api/schema";
import { can, needsAttention, type StatusName } from "../servers/status";

const mostPages = 20; // of a hundred servers each

/** useServers reads every server that the person may see, page after page. */
export function useServers() {
  const list = useInfiniteQuery(serverList(""));
  const { hasNextPage, isFetchingNextPage, isFetchNextPageError, fetchNextPage } = list;
  const pages = list.data?.pages;
  useEffect(() => {
    if (hasNextPage && !isFetchingNextPage && !isFetchNextPageError && (pages?.length ?? 0) < mostPages) void fetchNextPage();
  }, [hasNextPage, isFetchingNextPage, isFetchNextPageError, pages, fetchNextPage]);
  const servers = useMemo(() => rows(pages), [pages]);
  return { list, servers };
}

/** inMenu says whether a server is offered below the chat's input. */
export const inMenu = (server: ServerView): boolean => server.chatMenu && can(server, "USE");

const order: StatusName[] = ["error", "oauth_required", "disconnected", "cancelling", "initializing", "connected"];

/** worst is the status that most needs a person. One that is merely idle is as good as connected. */
export function worst(servers: Pick<ServerView, "status" | "reason">[]): StatusName | null {
  let found: StatusName | null = null;
  for (const server of servers) {
    const status = server.status === "disconnected" && !needsAttention(server) ? "connected" : server.status;
    if (found === null || order.indexOf(status) < order.indexOf(found)) found = status;
  }
  return found;
}

const delimiter = "_mcp_";

/** toolKey is the name of a tool in `toolsOff`. */
export const toolKey = (tool: string, server: string): string => tool + delimiter + server;

/** offOf lists the keys in off that are of a server: where names end alike, the longest has it. */
export function offOf(server: string, off: string[], names: string[]): string[] {
  const longer = names.filter((n) => n !== server && n.endsWith(delimiter + server));
  return off.filter((key) => key.length > delimiter.length + server.length && key.endsWith(delimiter + server) && !longer.some((n) => key.endsWith(delimiter + n)));
}

/** unready are the servers of those chosen that a person has to do something about. */
export function unready(servers: ServerView[], selected: string[]): ServerView[] {
  return servers.filter((s) => selected.includes(s.name) && needsAttention(s));
}
