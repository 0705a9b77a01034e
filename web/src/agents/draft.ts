// An agent while it is edited: text as it is typed, so that nothing is lost on the way.
import type { AgentFields, AgentView, ModelParams, ToolChoice, ToolView } from "../api/schema";

export interface Choice {
  serverName: string;
  all: boolean;
  tools: string[];
}

export interface Draft {
  name: string;
  description: string;
  instructions: string;
  provider: string;
  model: string;
  maxTokens: string;
  temperature: string;
  topP: string;
  thinkingBudget: string;
  effort: string;
  tools: Choice[];
  starters: string[];
}

export const blank: Draft = { name: "", description: "", instructions: "", provider: "", model: "", maxTokens: "", temperature: "", topP: "", thinkingBudget: "", effort: "", tools: [], starters: [] };

const choiceOf = (c: ToolChoice): Choice => ({ serverName: c.serverName, all: c.all ?? false, tools: c.tools ?? [] });
const typed = (n: number | undefined): string => (n === undefined || n === 0 ? "" : String(n));

export function draftOf(agent: AgentView): Draft {
  const p = agent.params ?? {};
  return {
    name: agent.name,
    description: agent.description,
    instructions: agent.instructions,
    provider: agent.provider,
    model: agent.model,
    maxTokens: typed(p.maxTokens),
    temperature: p.temperature === undefined ? "" : String(p.temperature),
    topP: p.topP === undefined ? "" : String(p.topP),
    thinkingBudget: typed(p.thinkingBudget),
    effort: p.effort ?? "",
    tools: (agent.tools ?? []).map(choiceOf),
    starters: agent.starters ?? [],
  };
}

export type Wrong = Partial<Record<keyof Draft, string>>;

const number = /^-?\d+(\.\d+)?$/;

/** wrongWith says what keeps a draft from being saved, by field. */
export function wrongWith(d: Draft): Wrong {
  const wrong: Wrong = {};
  if (d.name.trim() === "") wrong.name = "Give it a name.";
  const between = (key: "maxTokens" | "temperature" | "topP" | "thinkingBudget", min: number, max: number, whole: boolean) => {
    const text = d[key].trim();
    if (text === "") return;
    const n = Number(text);
    if (!number.test(text) || n < min || n > max || (whole && !Number.isInteger(n))) wrong[key] = `Must be a ${whole ? "whole " : ""}number from ${min} to ${max}.`;
  };
  between("maxTokens", 1, 10_000_000, true);
  between("thinkingBudget", 1, 10_000_000, true);
  between("temperature", 0, 2, false);
  between("topP", 0, 1, false);
  return wrong;
}

const n = (text: string) => (text.trim() === "" ? undefined : Number(text.trim()));

/** fieldsOf is what is sent of a draft that nothing is wrong with. What the form does not show is kept. */
export function fieldsOf(d: Draft, before: ModelParams | undefined): AgentFields {
  return {
    name: d.name.trim(),
    description: d.description.trim(),
    instructions: d.instructions,
    provider: d.provider,
    model: d.model.trim(),
    params: { ...before, maxTokens: n(d.maxTokens), temperature: n(d.temperature), topP: n(d.topP), thinkingBudget: n(d.thinkingBudget), effort: d.effort || undefined },
    tools: d.tools.map((c) => (c.all ? { serverName: c.serverName, all: true } : { serverName: c.serverName, tools: c.tools })),
    starters: d.starters.map((s) => s.trim()).filter(Boolean),
  };
}

export const same = (a: Draft, b: Draft): boolean => JSON.stringify(a) === JSON.stringify(b);

/** gone are the tools of a choice that its server has not got any more; nothing is known of a server without a list. */
export function gone(choice: Choice, tools: ToolView[] | null | undefined): string[] {
  if (choice.all || !tools || tools.length === 0) return [];
  const there = new Set(tools.map((t) => t.name));
  return choice.tools.filter((name) => !there.has(name));
}
