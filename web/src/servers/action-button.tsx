import type { ServerView } from "../api/schema";
import { label } from "../lib/text";
import { Button } from "../ui/button";
import { can, verbs } from "./status";
import { useConfigure, useConnect } from "./use-connect";

/** ActionButton is the one thing a person can do about a server's status now. */
export function ActionButton({ server, control }: { server: ServerView; control: ReturnType<typeof useConnect> }) {
  const configure = useConfigure();
  const { connect, cancel } = control;
  if (server.action === "none" || !can(server, "USE")) return null;
  const act = () => {
    if (server.action === "cancel") cancel.mutate();
    else if (server.action === "configure") configure(server.name);
    else connect.mutate();
  };
  return (
    <Button look={server.action === "authenticate" ? "primary" : "plain"} busy={connect.isPending || cancel.isPending} onClick={act}>
      {verbs[server.action]}
      <span className="sr-only"> {label(server.title)}</span>
    </Button>
  );
}
