import { Link } from "@tanstack/react-router";
import { label, visible } from "../lib/text";
import { buttonClass } from "../ui/button";
import type { AgentRef, SpecView } from "./remote";

/** EmptyChat is what stands where the first message will be. */
export function EmptyChat({ agent, spec, ready, onStart, children }: { agent?: AgentRef; spec?: SpecView; ready: boolean; onStart: (text: string) => void; children?: React.ReactNode }) {
  const starters = (agent?.starters ?? []).slice(0, 4);
  return (
    <div className="m-auto flex w-full max-w-3xl flex-col items-center gap-5 px-4 py-8 text-center">
      <div className="flex flex-col gap-2">
        <p className="foreign text-2xl font-semibold">{agent ? label(agent.name, 80) : "What can I do for you?"}</p>
        {agent?.description && <p className="foreign mx-auto max-w-prose text-muted">{visible(agent.description.slice(0, 600))}</p>}
        {!agent && <p className="foreign mx-auto max-w-prose text-muted">{spec?.greeting ? visible(spec.greeting.slice(0, 600)) : "Choose MCP servers below, and the model can use their tools."}</p>}
      </div>
      {starters.length > 0 && (
        <ul className="grid w-full max-w-2xl gap-2 sm:grid-cols-2">
          {starters.map((s) => (
            <li key={s}>
              <button type="button" onClick={() => onStart(s)} className="foreign min-h-11 w-full rounded-xl border border-line bg-surface px-4 py-2.5 text-left text-sm hover:bg-sunken">
                {label(s, 200)}
              </button>
            </li>
          ))}
        </ul>
      )}
      {children}
      {!ready && (
        <Link to={"/settings/keys"} className={buttonClass("primary")}>
          Set up a model
        </Link>
      )}
    </div>
  );
}
