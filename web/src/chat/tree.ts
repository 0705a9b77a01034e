// A conversation is a tree of messages; one way through it is shown.
import type { MessageView } from "./types";

/** Shown is a message on the way, and its siblings: what else was written in its place. */
export interface Shown {
  message: MessageView;
  siblings: string[];
}

function childrenOf(messages: MessageView[]): Map<string, MessageView[]> {
  const children = new Map<string, MessageView[]>();
  for (const m of messages) {
    const parent = m.parentId ?? "";
    const list = children.get(parent);
    if (list) list.push(m);
    else children.set(parent, [m]);
  }
  return children;
}

/** pathTo returns the way to a message, and on from it by the newest of each. */
export function pathTo(messages: MessageView[], head: string): Shown[] {
  const byID = new Map(messages.map((m) => [m.id, m]));
  const children = childrenOf(messages);
  const way: MessageView[] = [];
  const seen = new Set<string>();
  const start = byID.get(head) ?? messages.at(-1);
  for (let m = start; m && !seen.has(m.id); m = m.parentId ? byID.get(m.parentId) : undefined) {
    seen.add(m.id);
    way.unshift(m);
  }
  for (let next = children.get(way.at(-1)?.id ?? "")?.at(-1); next && !seen.has(next.id); next = children.get(next.id)?.at(-1)) {
    seen.add(next.id);
    way.push(next);
  }
  return way.map((message) => ({ message, siblings: (children.get(message.parentId ?? "") ?? []).map((m) => m.id) }));
}

/** leafOf returns where the newest way from a message ends. */
export function leafOf(messages: MessageView[], id: string): string {
  return pathTo(messages, id).at(-1)?.message.id ?? id;
}
