import { useNavigate } from "@tanstack/react-router";
import type { MouseEvent, ReactNode } from "react";
import { base } from "../lib/base";

/** ChatLink leads to a new chat with an agent. */
export function ChatLink({ id, className, children }: { id: string; className?: string; children: ReactNode }) {
  const navigate = useNavigate();
  const go = (event: MouseEvent) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey || event.button !== 0) return;
    event.preventDefault();
    void navigate({ to: `/c/new?agent=${encodeURIComponent(id)}` } as never);
  };
  return (
    <a href={`${base}/c/new?agent=${encodeURIComponent(id)}`} className={className} onClick={go}>
      {children}
    </a>
  );
}
