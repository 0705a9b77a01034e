// What a tool call's card says: one state, its own words, decided in one place.
import { Ban, Check, CircleAlert, CircleDashed, CircleSlash, Clock, KeyRound, LoaderCircle, type LucideIcon, MessageCircleQuestion, PencilLine, ShieldQuestion, Unplug, X } from "lucide-react";
import type { CallView, RunView, WaitView } from "../types";

export type CardState =
  | "writing"
  | "queued"
  | "running"
  | "approval"
  | "question"
  | "signin"
  | "done"
  | "tool_error"
  | "failed"
  | "cancelling"
  | "cancelled"
  | "denied"
  | "declined"
  | "skipped"
  | "expired"
  | "interrupted";

interface Look {
  words: string;
  icon: LucideIcon;
  colour: string;
  /** over: nothing more happens to the call. */
  over: boolean;
}

export const looks: Record<CardState, Look> = {
  writing: { words: "Writing the arguments", icon: PencilLine, colour: "text-muted", over: false },
  queued: { words: "Queued", icon: CircleDashed, colour: "text-muted", over: false },
  running: { words: "Running", icon: LoaderCircle, colour: "text-busy", over: false },
  approval: { words: "Waiting for your approval", icon: ShieldQuestion, colour: "text-key", over: false },
  question: { words: "Waiting for your answer", icon: MessageCircleQuestion, colour: "text-busy", over: false },
  signin: { words: "Sign-in required", icon: KeyRound, colour: "text-key", over: false },
  done: { words: "Done", icon: Check, colour: "text-ok", over: true },
  tool_error: { words: "The tool reported an error", icon: CircleAlert, colour: "text-danger", over: true },
  failed: { words: "No result", icon: Unplug, colour: "text-danger", over: true },
  cancelling: { words: "Cancelling", icon: X, colour: "text-cancel", over: false },
  cancelled: { words: "Cancelled by you", icon: CircleSlash, colour: "text-cancel", over: true },
  denied: { words: "Denied by you", icon: Ban, colour: "text-cancel", over: true },
  declined: { words: "You did not answer its question", icon: Ban, colour: "text-cancel", over: true },
  skipped: { words: "Skipped by you", icon: Ban, colour: "text-cancel", over: true },
  expired: { words: "Nobody answered in time", icon: Clock, colour: "text-plug", over: true },
  interrupted: { words: "Interrupted: patchbay was restarted", icon: Unplug, colour: "text-plug", over: true },
};

// Words of calls without a result; every other one is an error on the way.
const reasons: Record<string, CardState> = {
  cancelled: "cancelled",
  canceled: "cancelled",
  stopped: "cancelled",
  denied: "denied",
  declined: "declined",
  skipped: "skipped",
  expired: "expired",
  interrupted: "interrupted",
};

/** openWait finds what a call stands still for. */
export function openWait(waits: readonly WaitView[] | null, callId: string): WaitView | undefined {
  return waits?.find((w) => w.callId === callId && w.status === "open");
}

/** cardState says where a call stands. cancelling: the person asked, and it has not ended. */
export function cardState(call: Pick<CallView, "id" | "state" | "isError" | "reason">, run: Pick<RunView, "waits" | "status">, cancelling = false): CardState {
  switch (call.state) {
    case "done":
      return call.isError ? "tool_error" : "done";
    case "failed":
      return reasons[call.reason ?? ""] ?? "failed";
    case "unknown":
      return "interrupted";
  }
  if (run.status === "stopped") return "cancelled";
  if (run.status === "interrupted" || run.status === "failed") return "interrupted";
  if (cancelling) return "cancelling";
  const wait = openWait(run.waits, call.id);
  if (wait) return wait.kind;
  return call.state === "queued" ? "queued" : "running";
}
