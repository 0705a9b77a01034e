// What the chat works with: the API's own shapes, and those of a run's events.
import type { CallView, Message, Part, RunEnd, RunView, WaitView } from "../api/schema";

export type { AttachmentView, CallView, ChatSettings, ConversationView, MessageView, Part, PartView, RunEnd, RunView, Usage, WaitView } from "../api/schema";
export type { Message as ModelMessage, RunSnapshot as Snapshot } from "../api/schema";

export type RunStatus = RunView["status"];
export type CallState = CallView["state"];

export interface Progress {
  progress: number;
  total?: number;
  message?: string;
}

/** Delta is a fragment of a message: what there is of a part is appended. */
export interface Delta {
  part: number; // -1: about the message
  kind?: string;
  text?: string;
  callId?: string;
  callName?: string;
  callArgs?: string;
  media?: Part["media"];
}

interface OfRun<K extends string, D> {
  runId: string;
  conversationId: string;
  /** seq is the fact's number, or that of the last one. */
  seq: number;
  kind: K;
  at?: string;
  data: D;
}

/** RunNote is an event of a run: a numbered fact, or a fragment of what is being written. */
export type RunNote =
  | OfRun<"status", { status: RunStatus; end?: RunEnd | null }>
  | OfRun<"offered", unknown>
  | OfRun<"message", { step: number; index: number; message: Message }>
  | OfRun<"call", CallView>
  | OfRun<"wait", WaitView>
  | OfRun<"delta", { step: number; offset: number; deltas: Delta[] | null }>
  | OfRun<"progress", Progress & { callId: string }>;

export const active = (status: RunStatus): boolean => status === "running" || status === "waiting";
