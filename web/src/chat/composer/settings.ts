// What a message is answered with: chosen, remembered, or what patchbay offers first.
import type { AgentRef, ProviderView, SpecView } from "../remote";
import type { ChatSettings } from "../types";
import { recall, remember } from "./drafts";

const key = "settings";

/** lastSettings are those of the conversation before. */
export function lastSettings(): ChatSettings | null {
  try {
    const kept: unknown = JSON.parse(recall(key) ?? "null");
    return typeof kept === "object" && kept !== null ? (kept as ChatSettings) : null;
  } catch {
    return null;
  }
}

export function keepSettings(s: ChatSettings): void {
  remember(key, JSON.stringify({ agentId: s.agentId, spec: s.spec, provider: s.provider, model: s.model, mcpServers: s.mcpServers, toolsOff: s.toolsOff }));
}

interface Offer {
  providers: ProviderView[];
  specs: SpecView[];
  enforce: boolean;
}

const has = (p: ProviderView, model: string | undefined) => (p.models ?? []).includes(model ?? "") || (p.models ?? []).length === 0;

/** fits reports whether settings can still be used. */
export function fits(s: ChatSettings, { providers, specs, enforce }: Offer): boolean {
  if (s.agentId) return true;
  if (s.spec) return specs.some((x) => x.name === s.spec);
  if (enforce) return false;
  return Boolean(s.model) && providers.some((p) => p.name === s.provider && p.ready && has(p, s.model));
}

/** first is what a new conversation begins with. */
export function first(offer: Offer, last: ChatSettings | null): ChatSettings {
  const servers = last?.mcpServers ?? undefined;
  if (last && fits(last, offer)) return last;
  const spec = offer.specs.find((s) => s.default) ?? (offer.enforce ? offer.specs[0] : undefined);
  if (spec) return { spec: spec.name, mcpServers: spec.settings?.mcpServers ?? servers, toolsOff: spec.settings?.toolsOff };
  const provider = offer.providers.find((p) => p.ready && (p.models ?? []).length > 0);
  if (!provider) return { mcpServers: servers };
  return { provider: provider.name, model: provider.defaultModel || provider.models?.[0], mcpServers: servers };
}

/** nameOf says settings in a few words. */
export function nameOf(s: ChatSettings, offer: Offer, agents: AgentRef[]): string {
  if (s.agentId) return agents.find((a) => a.id === s.agentId)?.name ?? "Agent";
  if (s.spec) return offer.specs.find((x) => x.name === s.spec)?.label ?? s.spec;
  return s.model || "Choose a model";
}
