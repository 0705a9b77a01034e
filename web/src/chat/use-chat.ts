// One conversation: what is read of it, what is heard of it, what is done with it.
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useCallback, useEffect, useMemo, useState } from "react";
import { keys } from "../api/keys";
import { chatKeys } from "./keys";
import type { SentOutputBody } from "../api/schema";
import type { Message as Event } from "../events/sse";
import { useEvents } from "../shell/live";
import { changeConversation, messagesOf, oneConversation, regenerate, sendMessage, stopRun } from "./remote";
import { useRuns } from "./runs-context";
import { leafOf, pathTo } from "./tree";
import type { ChatSettings, ConversationView, MessageView, RunNote } from "./types";

export function useChat(id: string) {
  const fresh = id === "new";
  const cache = useQueryClient();
  const navigate = useNavigate();
  const runs = useRuns();
  const conversation = useQuery({ ...oneConversation(id), enabled: !fresh });
  const messages = useQuery({ ...messagesOf(id), enabled: !fresh });
  const [head, setHead] = useState<{ of: string; id: string } | null>(null);

  useEffect(() => {
    for (const m of messages.data ?? []) if (m.run) runs.seed(m.run);
  }, [messages.data, runs]);

  useEvents(
    useCallback(
      (event: Event) => {
        if (event.event === "ready" || event.event === "reset") {
          runs.again();
          if (!fresh) void cache.invalidateQueries({ queryKey: chatKeys.messages(id) });
        }
        if (event.event !== "run") return;
        const note = parse(event.data);
        if (!note || runs.hear(note) || note.conversationId !== id || note.kind === "delta" || note.kind === "progress") return;
        void cache.invalidateQueries({ queryKey: chatKeys.messages(id) });
        void cache.invalidateQueries({ queryKey: chatKeys.one(id) });
      },
      [runs, cache, id, fresh],
    ),
  );

  const shownHead = head?.of === id ? head.id : (conversation.data?.head ?? "");
  const path = useMemo(() => (fresh ? [] : pathTo(messages.data ?? [], shownHead)), [fresh, messages.data, shownHead]);

  const took = useCallback(
    (sent: SentOutputBody) => {
      const run = { ...sent.run, steps: sent.run.steps ?? [], calls: sent.run.calls ?? [], waits: sent.run.waits ?? [] };
      runs.seed(run);
      const there = sent.conversation.id;
      const answer = { ...sent.answer, run };
      cache.setQueryData<ConversationView>(chatKeys.one(there), sent.conversation);
      cache.setQueryData<MessageView[]>(chatKeys.messages(there), (old) => {
        const list = old ?? [];
        const more = [sent.message, answer].filter((m) => !list.some((o) => o.id === m.id));
        return [...list, ...more];
      });
      setHead({ of: there, id: answer.id });
      void cache.invalidateQueries({ queryKey: chatKeys.lists });
      void cache.invalidateQueries({ queryKey: keys.firstChat });
      if (there !== id) void navigate({ to: "/c/$id", params: { id: there }, search: (old: Record<string, unknown>) => ({ ...old, agent: undefined }), replace: true } as never);
    },
    [runs, cache, navigate, id],
  );

  const send = useCallback(
    async (text: string, attachments: string[], settings: ChatSettings, parentId?: string) =>
      took(await sendMessage({ ...(fresh ? {} : { conversationId: id }), ...(parentId ? { parentId } : {}), text, ...(attachments.length > 0 ? { attachments } : {}), settings })),
    [took, fresh, id],
  );
  const again = useCallback(async (message: string, settings?: ChatSettings) => took(await regenerate(message, settings ? { settings } : {})), [took]);
  const go = useCallback(
    (message: string) => {
      const leaf = leafOf(messages.data ?? [], message);
      setHead({ of: id, id: leaf });
      cache.setQueryData<ConversationView>(chatKeys.one(id), (old) => old && { ...old, head: leaf });
      // Where one was last is a comfort: that it could not be kept is not said.
      void changeConversation(id, { head: leaf }).catch(() => undefined);
    },
    [messages.data, cache, id],
  );
  return { fresh, conversation, messages, path, send, again, go, stop: stopRun };
}

function parse(data: string): RunNote | null {
  try {
    return JSON.parse(data) as RunNote;
  } catch {
    return null; // not for this version of the UI
  }
}
