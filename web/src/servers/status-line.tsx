import { useEffect, useState } from "react";
import type { ServerView } from "../api/schema";
import { visible } from "../lib/text";

/** StatusLine is the sentence of a status; a connect that lasts says for how long. */
export function StatusLine({ server }: { server: Pick<ServerView, "status" | "message" | "since"> }) {
  const seconds = useSeconds(server.status === "initializing" ? server.since : null);
  return (
    <p className="foreign text-sm text-muted">
      {visible(server.message)}
      {seconds > 0 && <span aria-hidden> {seconds} s</span>}
    </p>
  );
}

function useSeconds(since: string | null): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    if (!since) return;
    const timer = setInterval(() => setNow(Date.now()), 1000);
    return () => clearInterval(timer);
  }, [since]);
  return since ? Math.floor((now - Date.parse(since)) / 1000) : 0;
}
