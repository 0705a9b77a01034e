import { useQueryClient } from "@tanstack/react-query";
import { createContext, type ReactNode, useContext, useEffect, useState, useSyncExternalStore } from "react";
import { apply } from "../events/apply";
import { EventStream, type Link } from "../events/stream";

const StreamContext = createContext<EventStream | null>(null);

/** Live keeps the event stream for whoever is signed in. */
export function Live({ user, children }: { user: string; children: ReactNode }) {
  const cache = useQueryClient();
  const [stream, setStream] = useState<EventStream | null>(null);
  useEffect(() => {
    const opened = new EventStream(user, (message) => apply(cache, message));
    setStream(opened);
    return () => opened.stop();
  }, [user, cache]);
  return <StreamContext value={stream}>{children}</StreamContext>;
}

const never = () => () => undefined;

export function useLink(): { link: Link; retry: () => void } {
  const stream = useContext(StreamContext);
  const link = useSyncExternalStore(stream?.watch ?? never, stream?.current ?? (() => "connecting" as const));
  return { link, retry: () => stream?.retry() };
}
