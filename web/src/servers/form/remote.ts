// What the pages that make and change servers read and write.
import { type QueryClient, queryOptions } from "@tanstack/react-query";
import { call, send } from "../../api/client";
import { keys } from "../../api/keys";
import type { ServerView } from "../../api/schema";
import type { Body } from "./draft";

/** Edited is a server with the version of it that an edit is of. */
export interface Edited {
  server: ServerView;
  etag: string;
}

export async function readEdited(name: string, signal?: AbortSignal): Promise<Edited> {
  const response = await send("getServer", { path: { serverName: name } }, undefined, "application/json", signal);
  return { server: (await response.json()) as ServerView, etag: response.headers.get("ETag") ?? "" };
}

/** editedServer is read anew for each edit, and not by events: what is edited must not move. */
export const editedServer = (name: string) => queryOptions({ queryKey: ["serverEdit", name], queryFn: ({ signal }) => readEdited(name, signal), staleTime: 0, gcTime: 0, refetchOnWindowFocus: false, refetchOnReconnect: false });

export async function change(name: string, patch: Body, etag: string): Promise<{ edited: Edited; dropped: string[] }> {
  const response = await send("updateServer", { path: { serverName: name } }, JSON.stringify(patch), "application/json", undefined, etag ? { "If-Match": etag } : {});
  const server = (await response.json()) as ServerView & { droppedSecrets?: string[] };
  return { edited: { server, etag: response.headers.get("ETag") ?? "" }, dropped: server.droppedSecrets ?? [] };
}

export const create = (body: Body): Promise<ServerView> => call("createServer", { body });

/** took puts a server as it now is into the cache, and lets lists be read again. */
export function took(cache: QueryClient, server: ServerView): void {
  cache.setQueryData(keys.servers.one(server.name), server);
  void cache.invalidateQueries({ queryKey: keys.servers.lists });
  void cache.invalidateQueries({ queryKey: keys.tools.of(server.name) });
  void cache.invalidateQueries({ queryKey: keys.servers.flags(server.name) });
}
