import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { oneServer } from "../api/queries";
import type { ServerView } from "../api/schema";
import { label } from "../lib/text";
import { Button } from "../ui/button";
import { Dialog } from "../ui/dialog";
import { Banner, Failed, Skeleton } from "../ui/feedback";
import { Credentials } from "./credentials";
import { SignInPrompt } from "./sign-in";
import { can } from "./status";
import { StatusBadge, statusButton } from "./status-badge";
import { StatusLine } from "./status-line";
import { useConfigure, useConnect, useSignIn } from "./use-connect";
import { variablesOf } from "./variables";

/** ConfigDialog is what a person can do about one server. */
export function ConfigDialog({ name }: { name: string }) {
  const configure = useConfigure();
  const onClose = () => configure(undefined);
  const server = useQuery(oneServer(name));
  if (server.data) return <Loaded server={server.data} onClose={onClose} />;
  return (
    <Dialog open onClose={onClose} title={`Configure ${label(name)}`}>
      {server.isError ? <Failed error={server.error} retry={() => server.refetch()} what="The server" /> : <Skeleton rows={2} what="the server" />}
    </Dialog>
  );
}

function Loaded({ server, onClose }: { server: ServerView; onClose: () => void }) {
  const control = useConnect(server);
  const title = label(server.title);
  const variables = variablesOf(server);
  return (
    <Dialog
      open
      onClose={onClose}
      fallback={() => statusButton(server.name)}
      title={`Configure ${title}`}
      description={<StatusBadge status={server.status} />}
      footer={hasActions(server) && <Actions server={server} control={control} hasForm={variables.length > 0} />}
    >
      <div className="flex flex-col gap-5">
        <div aria-live="polite">
          <StatusLine server={server} />
          <Pending server={server} title={title} />
        </div>
        {control.problem && (
          <Banner tone="error" alert>
            {control.problem}
          </Banner>
        )}
        {variables.length > 0 && can(server, "USE") && (
          <Credentials server={server} submit="Save and initialize" onSaved={() => control.connect.mutate()} />
        )}
        {variables.length === 0 && !server.requiresOAuth && <p className="text-sm text-muted">This server asks nothing of you beforehand.</p>}
        <p className="text-sm">
          <Link to="/servers/$name" params={{ name: server.name }} search={{}}>
            Tools and details of {title}
          </Link>
        </p>
      </div>
    </Dialog>
  );
}

function Pending({ server, title }: { server: ServerView; title: string }): ReactNode {
  const signIn = useSignIn(server.name);
  if (!signIn || server.status !== "oauth_required") return null;
  return (
    <div className="mt-3">
      <SignInPrompt signIn={signIn} title={title} />
    </div>
  );
}

// What a definition lacks, no click cures; what a person has not given, the form takes.
const hopeless = (server: ServerView) => server.action === "configure" || (server.status === "error" && server.action === "none");

const hasActions = (server: ServerView) => !can(server, "USE") || !hopeless(server);

function Actions({ server, control, hasForm }: { server: ServerView; control: ReturnType<typeof useConnect>; hasForm: boolean }) {
  const signIn = useSignIn(server.name);
  const { connect, cancel, signOut } = control;
  if (!can(server, "USE")) return <p className="text-sm text-muted">You may see this server but not use it.</p>;
  const waiting = server.status === "initializing" || (signIn !== null && server.status === "oauth_required");
  const word = server.status === "oauth_required" ? "Authenticate" : server.status === "connected" ? "Reinitialize" : "Initialize";
  // While the link waits, that is the thing to press.
  const primary = signIn ? false : !hasForm || server.status === "oauth_required";
  return (
    <>
      {waiting && (
        <Button busy={cancel.isPending} onClick={() => cancel.mutate()}>
          Cancel
        </Button>
      )}
      {server.requiresOAuth && server.status === "connected" && (
        <Button look="danger" busy={signOut.isPending} onClick={() => signOut.mutate()}>
          Sign out
        </Button>
      )}
      {!hopeless(server) && (
        <Button look={primary ? "primary" : "plain"} busy={connect.isPending || server.status === "initializing" || server.status === "cancelling"} onClick={() => connect.mutate()}>
          {word}
        </Button>
      )}
    </>
  );
}
