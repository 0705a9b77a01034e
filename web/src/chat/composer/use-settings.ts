import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { chatKeys } from "../keys";
import { agents as agentsQuery, changeConversation, providers as providersQuery, specs as specsQuery } from "../remote";
import type { ChatSettings, ConversationView } from "../types";
import { first, fits, keepSettings, lastSettings, nameOf } from "./settings";

/** useSettings is what the next message is answered with. */
export function useSettings(conversation: ConversationView | undefined, fresh: boolean, agent: string | undefined) {
  const cache = useQueryClient();
  const providers = useQuery(providersQuery);
  const specs = useQuery(specsQuery);
  const agents = useQuery(agentsQuery);
  const [chosen, setChosen] = useState<{ of: string; settings: ChatSettings } | null>(null);
  const place = fresh ? `new ${agent ?? ""}` : (conversation?.id ?? "");
  const offer = { providers: providers.data ?? [], specs: specs.data?.list ?? [], enforce: specs.data?.enforce ?? false };
  const begun = fresh ? (agent ? { agentId: agent } : first(offer, lastSettings())) : (conversation?.settings ?? {});
  const settings = chosen?.of === place ? chosen.settings : begun;
  const pending = providers.isPending || specs.isPending;
  const ready = fits(settings, offer);
  const change = (next: ChatSettings) => {
    setChosen({ of: place, settings: next });
    if (!next.agentId) keepSettings(next);
    if (fresh || !conversation) return;
    cache.setQueryData<ConversationView>(chatKeys.one(conversation.id), (old) => old && { ...old, settings: next });
    // They also go with the next message.
    void changeConversation(conversation.id, { settings: next }).catch(() => undefined);
  };
  const spec = offer.specs.find((s) => s.name === settings.spec);
  const provider = offer.providers.find((p) => p.name === (spec?.settings?.provider ?? settings.provider));
  return {
    settings,
    change,
    pending,
    ready,
    spec,
    provider,
    ...offer,
    agents: agents.data ?? [],
    name: nameOf(settings, offer, agents.data ?? []),
    /** blocked is why nothing can be sent with these. */
    blocked: pending || ready ? undefined : settings.model || settings.spec ? "This model cannot be used now. Choose another one." : "Choose a model first.",
  };
}

export type Choice = ReturnType<typeof useSettings>;
