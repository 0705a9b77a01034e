import { Check } from "lucide-react";
import { Popover } from "radix-ui";
import { type ReactNode, useState } from "react";
import { cx } from "../../lib/cx";
import { label } from "../../lib/text";
import { inputClass } from "../../ui/field";
import type { ChatSettings } from "../types";
import { pickerButton, PickerName, type PickerProps as Props } from "./model-picker";

const perGroup = 200;

/** ModelPickerOpen chooses what answers: a prepared choice, an agent, or a model. */
export function ModelPickerOpen({ settings, name, providers, specs, enforce, agents, onChange }: Props) {
  const [open, setOpen] = useState(true);
  const [search, setSearch] = useState("");
  const wanted = search.toLowerCase();
  const found = (...texts: string[]) => texts.some((t) => t.toLowerCase().includes(wanted));
  const choose = (s: ChatSettings) => {
    onChange(s);
    setOpen(false);
  };
  const keep = { mcpServers: settings.mcpServers, toolsOff: settings.toolsOff };
  const foundSpecs = specs.filter((s) => found(s.label, s.name, s.group ?? ""));
  const foundAgents = agents.filter((a) => found(a.name, a.description));
  const groups = enforce ? [] : providers.map((p) => ({ p, models: (p.models ?? []).filter((m) => found(m, p.title)) })).filter((g) => g.models.length > 0 || (!g.p.ready && found(g.p.title)));
  const nothing = foundSpecs.length + foundAgents.length + groups.length === 0;
  return (
    <Popover.Root open={open} onOpenChange={setOpen}>
      <Popover.Trigger className={pickerButton}>
        <PickerName settings={settings} name={name} />
      </Popover.Trigger>
      <Popover.Portal>
        <Popover.Content side="top" align="start" sideOffset={6} collisionPadding={12} aria-label="Choose what answers" className="z-50 flex max-h-[min(28rem,var(--radix-popover-content-available-height))] w-[min(22rem,calc(100vw-1.5rem))] flex-col rounded-xl border border-line bg-surface shadow-pop">
          <div className="border-b border-line p-2">
            <input type="search" aria-label="Search models" placeholder="Search models" value={search} onChange={(e) => setSearch(e.target.value)} className={inputClass} />
          </div>
          <div className="min-h-0 flex-1 overflow-y-auto p-1.5">
            {foundSpecs.length > 0 && (
              <Group title="Prepared">
                {foundSpecs.slice(0, perGroup).map((s) => (
                  <Choice key={s.name} chosen={settings.spec === s.name && !settings.agentId} name={s.label || s.name} about={s.description} onChoose={() => choose({ ...keep, spec: s.name, ...(s.settings?.mcpServers ? { mcpServers: s.settings.mcpServers } : {}) })} />
                ))}
              </Group>
            )}
            {foundAgents.length > 0 && (
              <Group title="Agents">
                {foundAgents.slice(0, perGroup).map((a) => (
                  <Choice key={a.id} chosen={settings.agentId === a.id} name={a.name} about={a.description} onChoose={() => choose({ agentId: a.id })} />
                ))}
              </Group>
            )}
            {groups.map(({ p, models }) => (
              <Group key={p.name} title={p.title || p.name}>
                {!p.ready && <p className="px-2 py-1 text-sm text-muted">{label(p.problem || (p.userProvide ? "Needs a key of yours: Settings, Model keys." : "Not ready."), 200)}</p>}
                {models.slice(0, perGroup).map((m) => (
                  <Choice key={m} off={!p.ready} chosen={!settings.agentId && !settings.spec && settings.provider === p.name && settings.model === m} name={m} onChoose={() => choose({ ...keep, provider: p.name, model: m })} />
                ))}
                {models.length > perGroup && <p className="px-2 py-1 text-sm text-muted">{models.length - perGroup} more: search for them.</p>}
              </Group>
            ))}
            {nothing && <p className="px-2 py-6 text-center text-sm text-muted">{search ? "No model matches." : "No model is set up."}</p>}
          </div>
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  );
}

function Group({ title, children }: { title: string; children: ReactNode }) {
  return (
    <div role="group" aria-label={label(title, 60)} className="pb-1.5">
      <p aria-hidden className="foreign px-2 pb-0.5 pt-1.5 text-xs font-medium text-muted">
        {label(title, 60)}
      </p>
      {children}
    </div>
  );
}

function Choice({ name, about, chosen, off, onChoose }: { name: string; about?: string; chosen: boolean; off?: boolean; onChoose: () => void }) {
  return (
    <button type="button" aria-pressed={chosen} aria-disabled={off || undefined} onClick={() => !off && onChoose()} className={cx("flex min-h-11 w-full items-center gap-2 rounded-lg px-2 py-1 text-left text-sm hover:bg-sunken aria-disabled:opacity-60 md:min-h-8", chosen && "font-medium")}>
      <span className="min-w-0 flex-1">
        <span className="foreign block truncate">{label(name, 100)}</span>
        {about && <span className="foreign block truncate text-xs font-normal text-muted">{label(about, 120)}</span>}
      </span>
      {chosen && <Check aria-hidden className="size-4 shrink-0 text-accent" />}
    </button>
  );
}
