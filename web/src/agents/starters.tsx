import { Plus, Trash2 } from "lucide-react";
import { useRef } from "react";
import { Button, IconButton } from "../ui/button";
import { inputClass } from "../ui/field";
import { Panel } from "../ui/page";

const most = 6;

/** Starters are first messages that a chat with the agent offers. */
export function Starters({ starters, onChange }: { starters: string[]; onChange: (starters: string[]) => void }) {
  const list = useRef<HTMLOListElement>(null);
  const add = useRef<HTMLButtonElement>(null);
  const focus = (i: number) => requestAnimationFrame(() => (list.current?.querySelectorAll("input")[i] ?? add.current)?.focus());
  return (
    <Panel title="Starters" lead="First messages that a new chat with it offers.">
      <div className="flex flex-col items-start gap-3">
        {starters.length > 0 && (
          <ol ref={list} className="flex w-full flex-col gap-2">
            {starters.map((s, i) => (
              <li key={i} className="flex items-center gap-2">
                <input aria-label={`Starter ${i + 1}`} value={s} maxLength={1000} onChange={(e) => onChange(starters.map((old, j) => (j === i ? e.target.value : old)))} className={inputClass} />
                <IconButton
                  icon={Trash2}
                  label={`Remove starter ${i + 1}`}
                  onClick={() => {
                    onChange(starters.filter((_, j) => j !== i));
                    focus(Math.max(0, i - 1));
                  }}
                />
              </li>
            ))}
          </ol>
        )}
        {starters.length < most && (
          <Button
            ref={add}
            icon={Plus}
            onClick={() => {
              onChange([...starters, ""]);
              focus(starters.length);
            }}
          >
            Add a starter
          </Button>
        )}
      </div>
    </Panel>
  );
}
