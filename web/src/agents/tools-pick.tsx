import { useId, useMemo, useState } from "react";
import type { ToolView } from "../api/schema";
import { count } from "../lib/format";
import { label, visible } from "../lib/text";
import { ToolBadges } from "../servers/tool-badges";
import { Button } from "../ui/button";
import { inputClass } from "../ui/field";
import { TriCheckbox } from "../ui/tri-checkbox";
import type { Choice } from "./draft";

const searchFrom = 8;
const pageSize = 60;

/** ToolsPick chooses all tools of a server, or some of those that it has now. */
export function ToolsPick({ title, tools, choice, readOnly, onChange }: { title: string; tools: ToolView[]; choice: Choice; readOnly: boolean; onChange: (choice: Choice) => void }) {
  const name = useId();
  const pick = (all: boolean) => onChange(all ? { ...choice, all: true } : { ...choice, all: false, tools: choice.tools.length > 0 ? choice.tools : tools.map((t) => t.name) });
  return (
    <fieldset disabled={readOnly}>
      <legend className="sr-only">Tools of {title}</legend>
      <div className="flex flex-col gap-1">
        <label htmlFor={`${name}-some`} className="flex min-h-9 items-center gap-2.5 text-sm">
          <input type="radio" id={`${name}-some`} name={name} checked={!choice.all} onChange={() => pick(false)} className="size-4.5" />
          Only those chosen here
        </label>
        <label htmlFor={`${name}-all`} className="flex min-h-9 items-center gap-2.5 text-sm">
          <input type="radio" id={`${name}-all`} name={name} checked={choice.all} onChange={() => pick(true)} className="size-4.5" />
          All, including future tools
        </label>
      </div>
      {choice.all && tools.length > 0 && <p className="mt-2 text-sm text-muted">Now {count(tools.length, "tool")}; what the server adds later comes with it.</p>}
      {tools.length === 0 && <p className="mt-2 text-sm text-muted">The list of tools is not known: connect the server to choose single ones.</p>}
      {!choice.all && tools.length > 0 && <Some title={title} tools={tools} choice={choice} onChange={onChange} />}
    </fieldset>
  );
}

function Some({ title, tools, choice, onChange }: { title: string; tools: ToolView[]; choice: Choice; onChange: (choice: Choice) => void }) {
  const [typed, setTyped] = useState("");
  const [shown, setShown] = useState(pageSize);
  const chosen = useMemo(() => new Set(choice.tools), [choice.tools]);
  const search = typed.trim().toLowerCase();
  const found = useMemo(() => (search === "" ? tools : tools.filter((t) => `${t.name}\n${t.title}\n${t.description}`.toLowerCase().includes(search))), [tools, search]);
  const on = found.filter((t) => chosen.has(t.name)).length;
  const set = (names: string[], to: boolean) => {
    const next = new Set(choice.tools);
    for (const n of names) if (to) next.add(n); else next.delete(n);
    onChange({ ...choice, tools: [...next] });
  };
  return (
    <div className="mt-3 flex flex-col gap-2">
      {tools.length >= searchFrom && (
        <input type="search" aria-label={`Search tools of ${title}`} placeholder={`Search ${count(tools.length, "tool")}`} value={typed} onChange={(e) => setTyped(e.target.value)} maxLength={200} className={inputClass} />
      )}
      {found.length === 0 ? (
        <p role="status" className="py-2 text-sm text-muted">
          No tool matches.
        </p>
      ) : (
        <label className="flex min-h-9 items-center gap-2.5 border-b border-line pb-1 text-sm font-medium">
          <TriCheckbox some={on > 0 && on < found.length} checked={on === found.length} onChange={() => set(found.map((t) => t.name), on < found.length)} />
          {search === "" ? `All ${count(found.length, "tool")} of now` : `All ${found.length} found`}
        </label>
      )}
      <ul aria-label={`Tools of ${title}`} className="flex max-h-96 flex-col overflow-y-auto">
        {found.slice(0, shown).map((t) => (
          <Tool key={t.name} tool={t} on={chosen.has(t.name)} onFlip={(to) => set([t.name], to)} />
        ))}
      </ul>
      {found.length > shown && (
        <Button look="quiet" onClick={() => setShown(shown + pageSize)}>
          Show more ({found.length - shown})
        </Button>
      )}
    </div>
  );
}

function Tool({ tool, on, onFlip }: { tool: ToolView; on: boolean; onFlip: (to: boolean) => void }) {
  const id = useId();
  const title = label(tool.title || tool.name, 80);
  return (
    <li className="flex items-start gap-2.5 border-b border-line py-2 last:border-0">
      <input type="checkbox" id={id} checked={on} onChange={(e) => onFlip(e.target.checked)} aria-describedby={tool.description ? `${id}-about` : undefined} className="mt-0.5 size-4.5 shrink-0" />
      <div className="min-w-0 flex-1">
        <div className="flex flex-wrap items-center gap-x-2 gap-y-1">
          <label htmlFor={id} className="foreign text-sm font-medium">
            {title}
          </label>
          {title !== tool.name && <code className="foreign text-xs text-muted">{label(tool.name, 80)}</code>}
          <ToolBadges annotations={tool.annotations} stale={tool.stale} />
        </div>
        {tool.description && (
          <p id={`${id}-about`} className="foreign line-clamp-3 text-sm text-muted">
            {visible(tool.description.slice(0, 400))}
          </p>
        )}
      </div>
    </li>
  );
}
