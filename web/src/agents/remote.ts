// What the pages of agents read and write.
import { infiniteQueryOptions, type QueryClient, queryOptions } from "@tanstack/react-query";
import { call } from "../api/client";
import { keys } from "../api/keys";
import type { AgentFields, AgentView } from "../api/schema";

const pageSize = 50;

export const agentList = (search: string) =>
  infiniteQueryOptions({
    queryKey: keys.agents.list(search),
    queryFn: ({ pageParam, signal }) => call("listAgents", { query: { limit: pageSize, after: pageParam, search } }, signal),
    initialPageParam: "",
    getNextPageParam: (page) => page.after ?? undefined,
  });

export const oneAgent = (id: string) =>
  queryOptions({
    queryKey: keys.agents.one(id),
    queryFn: ({ signal }) => call("getAgent", { path: { id } }, signal),
  });

export const agentVersions = (id: string) =>
  infiniteQueryOptions({
    queryKey: keys.agents.versions(id),
    queryFn: ({ pageParam, signal }) => call("listAgentVersions", { path: { id }, query: { limit: pageSize, after: pageParam } }, signal),
    initialPageParam: "",
    getNextPageParam: (page) => page.after ?? undefined,
    staleTime: 0,
  });

/** saveAgent makes an agent, or changes the version of it that was edited; 0 changes any. */
export function saveAgent(id: string | undefined, version: number, body: AgentFields): Promise<AgentView> {
  if (id === undefined) return call("createAgent", { body });
  return call("changeAgent", { path: { id }, body }, undefined, version > 0 ? { "If-Match": `"${version}"` } : {});
}

/** took puts an agent as it now is into the cache, and lets lists be read again. */
export function took(cache: QueryClient, agent: AgentView): void {
  cache.setQueryData(keys.agents.one(agent.id), agent);
  dropLists(cache);
  void cache.invalidateQueries({ queryKey: keys.agents.versions(agent.id) });
}

export function dropLists(cache: QueryClient): void {
  void cache.invalidateQueries({ queryKey: ["agents", "list"] });
}
