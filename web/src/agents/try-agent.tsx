import { MessageSquare } from "lucide-react";
import type { AgentView } from "../api/schema";
import { buttonClass } from "../ui/button";
import { Panel } from "../ui/page";
import { ChatLink } from "./chat-link";

/** TryAgent leads to a chat with the agent as it was saved. */
export function TryAgent({ agent, dirty, className }: { agent: AgentView | undefined; dirty: boolean; className?: string }) {
  return (
    <div className={className}>
      <div className="lg:sticky lg:top-6">
        <Panel title="Try it">
          {agent ? (
            <div className="flex flex-col items-start gap-3 text-sm">
              <p>{dirty ? "Save first: a chat uses what is saved." : "A chat with it uses your own keys and sign-ins, as everybody's does."}</p>
              <ChatLink id={agent.id} className={buttonClass("plain")}>
                <MessageSquare aria-hidden className="size-4" />
                Chat with it
              </ChatLink>
            </div>
          ) : (
            <p className="text-sm text-muted">Save it once; then you can chat with it here.</p>
          )}
        </Panel>
      </div>
    </div>
  );
}
