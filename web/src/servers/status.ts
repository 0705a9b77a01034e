// The six statuses: a shape, a word and a colour each; never the colour alone.
import { KeyRound, LoaderCircle, type LucideIcon, Settings, TriangleAlert, Unplug, X } from "lucide-react";
import type { ServerView } from "../api/schema";

export type StatusName = ServerView["status"];
export type Action = ServerView["action"];

interface Look {
  word: string;
  /** also says what screen readers add to the word */
  description?: string;
  icon: LucideIcon;
  colour: string;
  tint: string;
}

export const statuses: Record<StatusName, Look> = {
  connected: { word: "Connected", icon: Settings, colour: "text-ok", tint: "bg-ok-tint" },
  oauth_required: { word: "Sign-in required", description: "OAuth required", icon: KeyRound, colour: "text-key", tint: "bg-key-tint" },
  disconnected: { word: "Disconnected", icon: Unplug, colour: "text-plug", tint: "bg-plug-tint" },
  initializing: { word: "Initializing", icon: LoaderCircle, colour: "text-busy", tint: "bg-busy-tint" },
  error: { word: "Error", icon: TriangleAlert, colour: "text-danger", tint: "bg-danger-tint" },
  cancelling: { word: "Cancelling", icon: X, colour: "text-cancel", tint: "bg-cancel-tint" },
};

/** verbs are the words of actions on buttons; `none` has no button. */
export const verbs: Record<Action, string> = {
  initialize: "Initialize",
  authenticate: "Authenticate",
  configure: "Configure",
  cancel: "Cancel",
  retry: "Try again",
  none: "",
};

/** needsAttention says whether a person has to do something before the server works. */
export function needsAttention(server: Pick<ServerView, "status" | "reason">): boolean {
  if (server.status === "oauth_required" || server.status === "error") return true;
  return server.status === "disconnected" && server.reason !== "idle" && server.reason !== "never_opened";
}

export const can = (server: Pick<ServerView, "permissions">, permission: "VIEW" | "USE" | "EDIT" | "DELETE" | "SHARE"): boolean =>
  server.permissions?.includes(permission) ?? false;
