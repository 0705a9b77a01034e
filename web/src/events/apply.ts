// Feeds the query cache from events, so that nothing on screen is asked for twice.
import type { InfiniteData, QueryClient } from "@tanstack/react-query";
import { keys } from "../api/keys";
import { chatKeys } from "../chat/keys";
import type { PageServerView, ServerView } from "../api/schema";
import type { Message } from "./sse";

type StatusNote = Pick<ServerView, "status" | "reason" | "message" | "action" | "since" | "toolCount" | "protocolVersion"> & {
  serverName: string;
};

export function apply(cache: QueryClient, message: Message): void {
  switch (message.event) {
    case "ready":
      // What was read before the stream began may have changed unseen.
      void cache.invalidateQueries({ queryKey: keys.servers.all });
      void cache.invalidateQueries({ queryKey: chatKeys.lists });
      return;
    case "reset":
      void cache.invalidateQueries();
      return;
    case "status":
      return applyStatus(cache, parse<StatusNote>(message.data));
    case "tools": {
      const note = parse<{ serverName: string }>(message.data);
      if (note) void cache.invalidateQueries({ queryKey: keys.tools.of(note.serverName) });
      return;
    }
    case "conversation":
      return applyConversation(cache, parse<{ conversationId: string; deleted?: boolean }>(message.data));
    case "config":
      void cache.invalidateQueries({ queryKey: keys.config });
      void cache.invalidateQueries({ queryKey: keys.servers.all });
      return;
    case "servers":
      // Servers came, went or were shared: which ones, the list says.
      void cache.invalidateQueries({ queryKey: keys.servers.all });
  }
}

function applyConversation(cache: QueryClient, note: { conversationId: string; deleted?: boolean } | null): void {
  if (!note) return;
  void cache.invalidateQueries({ queryKey: chatKeys.lists });
  if (!note.deleted) void cache.invalidateQueries({ queryKey: chatKeys.one(note.conversationId) });
}

function applyStatus(cache: QueryClient, note: StatusNote | null): void {
  if (!note) return;
  const { serverName, ...status } = note;
  let known = false;
  cache.setQueriesData<InfiniteData<PageServerView>>({ queryKey: keys.servers.lists }, (old) => {
    if (!old?.pages) return old;
    return {
      ...old,
      pages: old.pages.map((page) => ({
        ...page,
        data: (page.data ?? []).map((server) => {
          if (server.name !== serverName) return server;
          known = true;
          return { ...server, ...status };
        }),
      })),
    };
  });
  cache.setQueryData<ServerView>(keys.servers.one(serverName), (old) => old && { ...old, ...status });
  if (!known) void cache.invalidateQueries({ queryKey: keys.servers.lists });
}

function parse<T>(data: string): T | null {
  try {
    return JSON.parse(data) as T;
  } catch {
    return null; // not for this version of the UI
  }
}
