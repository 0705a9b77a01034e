// The queries: server data reaches components through these only.
import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { call } from "./client";
import { keys } from "./keys";

const pageSize = 100;

export const serverList = (search: string) =>
  infiniteQueryOptions({
    queryKey: keys.servers.list(search),
    queryFn: ({ pageParam, signal }) => call("listServers", { query: { limit: pageSize, after: pageParam, search } }, signal),
    initialPageParam: "",
    getNextPageParam: (page) => page.after ?? undefined,
  });

export const oneServer = (name: string) =>
  queryOptions({
    queryKey: keys.servers.one(name),
    queryFn: ({ signal }) => call("getServer", { path: { serverName: name } }, signal),
  });

export const variableFlags = (name: string) =>
  queryOptions({
    queryKey: keys.servers.flags(name),
    queryFn: ({ signal }) => call("getAuthValues", { path: { serverName: name } }, signal),
  });

export const serverLog = (name: string) =>
  queryOptions({
    queryKey: keys.servers.log(name),
    queryFn: ({ signal }) => call("getServerLog", { path: { serverName: name } }, signal),
    staleTime: 0,
  });

export const toolsOf = (server: string) =>
  queryOptions({
    queryKey: keys.tools.of(server),
    queryFn: ({ signal }) => call("listTools", { query: { server } }, signal),
  });

export const tokens = infiniteQueryOptions({
  queryKey: keys.tokens,
  queryFn: ({ pageParam, signal }) => call("listTokens", { query: { limit: pageSize, after: pageParam } }, signal),
  initialPageParam: "",
  getNextPageParam: (page) => page.after ?? undefined,
});

export const logins = infiniteQueryOptions({
  queryKey: keys.logins,
  queryFn: ({ pageParam, signal }) => call("listLogins", { query: { limit: pageSize, after: pageParam } }, signal),
  initialPageParam: "",
  getNextPageParam: (page) => page.after ?? undefined,
});

export const users = (search: string) =>
  infiniteQueryOptions({
    queryKey: keys.users.list(search),
    queryFn: ({ pageParam, signal }) => call("listUsers", { query: { limit: pageSize, after: pageParam, search } }, signal),
    initialPageParam: "",
    getNextPageParam: (page) => page.after ?? undefined,
  });

export const configState = queryOptions({
  queryKey: keys.config,
  queryFn: ({ signal }) => call("getConfig", {}, signal),
});

/** rows joins the pages of a list. */
export function rows<T>(pages: { data: T[] | null }[] | undefined): T[] {
  return (pages ?? []).flatMap((page) => page.data ?? []);
}
