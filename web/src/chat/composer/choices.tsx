import type { AgentRef } from "../remote";
import { ServerMenu } from "../server-menu";
import { ModelPicker } from "./model-picker";
import type { Choice } from "./use-settings";

/** Choices are what stands below the field: who answers, and with which servers. */
export function Choices({ choice, agent }: { choice: Choice; agent?: AgentRef }) {
  const { settings, change } = choice;
  const deaf = choice.provider?.tools === false && !settings.agentId;
  return (
    <>
      <ModelPicker settings={choice.settings} name={choice.name} providers={choice.providers} specs={choice.specs} enforce={choice.enforce} agents={choice.agents} onChange={change} />
      <ServerMenu
        selected={(settings.agentId ? agent?.tools?.map((t) => t.serverName) : settings.mcpServers) ?? []}
        onChange={(mcpServers, toolsOff = settings.toolsOff ?? []) => change({ ...settings, mcpServers, toolsOff })}
        toolsOff={settings.toolsOff ?? []}
        onToolsOff={(toolsOff) => change({ ...settings, toolsOff })}
        disabledReason={deaf ? `${settings.model || "This model"} does not take tools.` : undefined}
        fixedReason={settings.agentId ? "The agent brings its own servers." : undefined}
      />
    </>
  );
}
