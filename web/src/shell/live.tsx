import "../api/all";
import { useQueryClient } from "@tanstack/react-query";
import { createContext, type ReactNode, useContext, useEffect, useState, useSyncExternalStore } from "react";
import { apply } from "../events/apply";
import type { Message } from "../events/sse";
import { EventStream, type Link } from "../events/stream";

const StreamContext = createContext<EventStream | null>(null);

type Listener = (message: Message) => void;
const ListenContext = createContext<(listener: Listener) => () => void>(() => () => undefined);

/** Live keeps the event stream for whoever is signed in. */
export function Live({ user, children }: { user: string; children: ReactNode }) {
  const cache = useQueryClient();
  const [stream, setStream] = useState<EventStream | null>(null);
  const [listeners] = useState(() => new Set<Listener>());
  const [listen] = useState(() => (listener: Listener) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  });
  useEffect(() => {
    const opened = new EventStream(user, (message) => {
      apply(cache, message);
      for (const listener of listeners) listener(message);
    });
    setStream(opened);
    return () => opened.stop();
  }, [user, cache, listeners]);
  return (
    <StreamContext value={stream}>
      <ListenContext value={listen}>{children}</ListenContext>
    </StreamContext>
  );
}

/** useEvents hears every event of the stream, after the cache did. */
export function useEvents(listener: Listener): void {
  const listen = useContext(ListenContext);
  useEffect(() => listen(listener), [listen, listener]);
}

const never = () => () => undefined;

export function useLink(): { link: Link; retry: () => void } {
  const stream = useContext(StreamContext);
  const link = useSyncExternalStore(stream?.watch ?? never, stream?.current ?? (() => "connecting" as const));
  return { link, retry: () => stream?.retry() };
}
