import { useQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { isCode } from "../api/errors";
import { NotFound } from "../shell/not-found";
import { Failed, Skeleton } from "../ui/feedback";
import { Page } from "../ui/page";
import { Builder } from "./builder";
import { oneAgent } from "./remote";

/** NewAgentPage makes an agent. */
export function NewAgentPage() {
  return <Builder key="new" />;
}

/** AgentPage shows one agent, to be changed by those who may. */
export function AgentPage() {
  const { id } = useParams({ from: "/shell/agents/$id" });
  const agent = useQuery(oneAgent(id));
  if (agent.data) return <Builder key={id} agent={agent.data} />;
  if (isCode(agent.error, "not_found")) return <NotFound />;
  return (
    <Page wide title="Agent">
      {agent.isError ? <Failed error={agent.error} retry={() => agent.refetch()} what="The agent" /> : <Skeleton what="the agent" />}
    </Page>
  );
}
