import { useSyncExternalStore } from "react";
import type { Result } from "./run";

/** Entry is one call that was made here, and how it ended. */
export interface Entry {
  id: number;
  args: string;
  at: number;
  took: number;
  result: Result;
}

// Kept until the page is left: arguments may be private, so no storage holds them.
const most = 50;
const all = new Map<string, Entry[]>();
const watchers = new Set<() => void>();
const none: Entry[] = [];
let last = 0;

const keyOf = (server: string, tool: string) => JSON.stringify([server, tool]);

const watch = (w: () => void) => {
  watchers.add(w);
  return () => watchers.delete(w);
};

export function remember(server: string, tool: string, entry: Omit<Entry, "id">): void {
  const key = keyOf(server, tool);
  all.set(key, [{ ...entry, id: ++last }, ...(all.get(key) ?? [])].slice(0, most));
  for (const w of watchers) w();
}

export function useHistory(server: string, tool: string): Entry[] {
  return useSyncExternalStore(watch, () => all.get(keyOf(server, tool)) ?? none);
}
