import { Link } from "@tanstack/react-router";
import { useState } from "react";
import type { Provider } from "../api/schema";
import { label, visible } from "../lib/text";
import { Banner } from "../ui/feedback";
import { TextField } from "../ui/field";
import { SelectField } from "../ui/field-more";
import { Panel } from "../ui/page";
import type { Draft, Wrong } from "./draft";

const efforts: [string, string][] = [
  ["", "As the model does"],
  ["none", "None"],
  ["minimal", "Minimal"],
  ["low", "Low"],
  ["medium", "Medium"],
  ["high", "High"],
];

const other = "\u0000other"; // no model has this name

interface Props {
  draft: Draft;
  set: <K extends keyof Draft>(key: K, value: Draft[K]) => void;
  wrong: Wrong;
  providers: Provider[] | undefined;
}

/** ModelFields choose the model of an agent and how it is asked. */
export function ModelFields({ draft, set, wrong, providers = [] }: Props) {
  const provider = providers.find((p) => p.name === draft.provider);
  const models = provider?.models ?? [];
  const [typing, setTyping] = useState(false);
  const type = typing || (draft.provider !== "" && models.length === 0);
  const choose = (name: string) => {
    const next = providers.find((p) => p.name === name);
    set("provider", name);
    set("model", next?.defaultModel ?? next?.models?.[0] ?? "");
    setTyping(false);
  };
  return (
    <Panel title="Model">
      <div className="grid gap-4 md:grid-cols-2">
        <SelectField label="Provider" name="provider" value={draft.provider} onChange={(e) => choose(e.target.value)} wrong={wrong.provider}>
          <option value="">Choose a provider</option>
          {draft.provider !== "" && !provider && <option value={draft.provider}>{label(draft.provider, 60)} (not available)</option>}
          {providers.map((p) => (
            <option key={p.name} value={p.name}>
              {label(p.title || p.name, 60)}
            </option>
          ))}
        </SelectField>
        {type ? (
          <TextField label="Model" name="model" value={draft.model} onChange={(e) => set("model", e.target.value)} maxLength={256} autoComplete="off" spellCheck={false} wrong={wrong.model} help={models.length === 0 ? "This provider gives no list: type the model's name." : undefined} />
        ) : (
          <SelectField
            label="Model"
            name="model"
            value={draft.model}
            disabled={draft.provider === ""}
            onChange={(e) => (e.target.value === other ? (setTyping(true), set("model", "")) : set("model", e.target.value))}
            wrong={wrong.model}
          >
            {draft.model === "" && <option value="">{draft.provider === "" ? "Choose a provider first" : "Choose a model"}</option>}
            {draft.model !== "" && !models.includes(draft.model) && <option value={draft.model}>{label(draft.model, 80)}</option>}
            {models.map((m) => (
              <option key={m} value={m}>
                {label(m, 80)}
              </option>
            ))}
            {!provider?.fixed && <option value={other}>Type another…</option>}
          </SelectField>
        )}
      </div>
      {provider && !provider.ready && (
        <div className="mt-3">
          <Banner tone="warning">
            {provider.userProvide || provider.userProvideURL ? (
              <>
                {label(provider.title || provider.name, 60)} needs a key of yours. <Link to="/settings/keys">Set it under Model keys</Link>.
              </>
            ) : (
              <span className="foreign">{visible(provider.problem ?? "This provider cannot be asked now.")}</span>
            )}
          </Banner>
        </div>
      )}
      <details className="mt-4 text-sm">
        <summary className="w-fit text-accent">Parameters</summary>
        <div className="mt-3 grid gap-4 md:grid-cols-2">
          <TextField label="Temperature" name="temperature" optional inputMode="decimal" value={draft.temperature} onChange={(e) => set("temperature", e.target.value)} help="0 to 2: low repeats itself, high varies." wrong={wrong.temperature} autoComplete="off" />
          <TextField label="Top P" name="topP" optional inputMode="decimal" value={draft.topP} onChange={(e) => set("topP", e.target.value)} help="0 to 1." wrong={wrong.topP} autoComplete="off" />
          <TextField label="Most tokens of an answer" name="maxTokens" optional inputMode="numeric" value={draft.maxTokens} onChange={(e) => set("maxTokens", e.target.value)} wrong={wrong.maxTokens} autoComplete="off" />
          <SelectField label="Reasoning" name="effort" value={draft.effort} onChange={(e) => set("effort", e.target.value)} help="How long it may think, where the model can.">
            {draft.effort !== "" && !efforts.some(([v]) => v === draft.effort) && <option value={draft.effort}>{label(draft.effort, 40)}</option>}
            {efforts.map(([value, word]) => (
              <option key={value} value={value}>
                {word}
              </option>
            ))}
          </SelectField>
          <TextField label="Tokens to think with" name="thinkingBudget" optional inputMode="numeric" value={draft.thinkingBudget} onChange={(e) => set("thinkingBudget", e.target.value)} help="For models that take a number instead." wrong={wrong.thinkingBudget} autoComplete="off" />
        </div>
      </details>
    </Panel>
  );
}
