// What the chat asks of patchbay.
import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { call, type Input, send, urlOf } from "../api/client";
import { chatKeys } from "./keys";
import type { AttachmentView, MessageView, WaitView } from "../api/schema";
import { isRecord, parse, write } from "../lib/json";

export type { AgentView as AgentRef, Provider as ProviderView, SpecView } from "../api/schema";

const pageSize = 50;
const messagePage = 100;
const mostPages = 100;

export const conversationList = (search: string, archived: boolean) =>
  infiniteQueryOptions({
    queryKey: chatKeys.list(search, archived),
    queryFn: ({ pageParam, signal }) => call("listConversations", { query: { limit: pageSize, after: pageParam, search, archived: archived || undefined } }, signal),
    initialPageParam: "",
    getNextPageParam: (page) => page.after ?? undefined,
  });

export const oneConversation = (id: string) => queryOptions({ queryKey: chatKeys.one(id), queryFn: ({ signal }) => call("getConversation", { path: { id } }, signal) });

export const messagesOf = (id: string) =>
  queryOptions({
    queryKey: chatKeys.messages(id),
    queryFn: async ({ signal }) => {
      const all: MessageView[] = [];
      let after = "";
      for (let i = 0; i < mostPages; i++) {
        const page = await call("listMessages", { path: { id }, query: { limit: messagePage, after } }, signal);
        all.push(...(page.data ?? []));
        if (!page.after) break;
        after = page.after;
      }
      return all;
    },
  });

/** oneCall is the whole result of a call, as JSON text: numbers keep their digits. */
export const oneCall = (run: string, id: string) =>
  queryOptions({
    queryKey: chatKeys.call(run, id),
    queryFn: async ({ signal }) => {
      const view = parse(await (await send("getCall", { path: { id: run, callId: id } }, undefined, "application/json", signal)).text());
      return isRecord(view) && view.result !== undefined && view.result !== null ? write(view.result) : "";
    },
    staleTime: Number.POSITIVE_INFINITY, // what came back does not change
    gcTime: 60_000,
  });

export const sendMessage = (body: Input<"sendMessage">["body"]) => call("sendMessage", { body });
export const regenerate = (message: string, body: Input<"regenerate">["body"]) => call("regenerate", { path: { id: message }, body });
export const changeConversation = (id: string, body: Input<"changeConversation">["body"]) => call("changeConversation", { path: { id }, body });
export const deleteConversation = (id: string) => call("deleteConversation", { path: { id } });
export const readRun = (id: string) => call("getRun", { path: { id } });
export const stopRun = (id: string) => call("stopRun", { path: { id } });
export const resumeRun = (id: string) => call("resumeRun", { path: { id } });
export const cancelCall = (run: string, id: string) => call("cancelCall", { path: { id: run, callId: id } });
export const approve = (wait: string, body: Input<"answerApproval">["body"]) => call("answerApproval", { path: { id: wait }, body });
export const skipWait = (wait: string) => call("skipWait", { path: { id: wait }, body: {} });

/** answerQuestion sends what the forms hold as it was typed: contents is JSON. */
export async function answerQuestion(wait: string, action: "accept" | "decline" | "cancel", contents: string): Promise<WaitView> {
  const body = action === "accept" ? `{"action":"accept","answers":${contents}}` : JSON.stringify({ action });
  return (await (await send("answerQuestion", { path: { id: wait } }, body, "application/json")).json()) as WaitView;
}

export async function upload(file: File, signal: AbortSignal): Promise<AttachmentView> {
  const headers = { "Content-Type": file.type || "application/octet-stream" };
  return (await (await send("upload", { query: { name: file.name || "pasted" } }, file, "application/json", signal, headers)).json()) as AttachmentView;
}
export const deleteAttachment = (id: string) => call("deleteAttachment", { path: { id } });
export const attachmentURL = (ref: string) => urlOf("getAttachment", { path: { id: ref } });

export { providers } from "../account/remote";
export const specs = queryOptions({ queryKey: chatKeys.specs, queryFn: ({ signal }) => call("listModelSpecs", {}, signal) });
export const agents = queryOptions({ queryKey: chatKeys.agents, queryFn: ({ signal }) => call("listAgents", { query: { limit: 100 } }, signal).then((p) => p.data ?? []) });
