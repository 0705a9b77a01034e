import { useQuery } from "@tanstack/react-query";
import { Link, useParams } from "@tanstack/react-router";
import { type FormEvent, useEffect, useRef } from "react";
import { isCode } from "../../api/errors";
import { label } from "../../lib/text";
import { NotFound } from "../../shell/not-found";
import { Button } from "../../ui/button";
import { Banner, Failed, Skeleton } from "../../ui/feedback";
import { LeaveDialog } from "../../ui/leave-dialog";
import { Page } from "../../ui/page";
import { can } from "../status";
import { Address } from "./address";
import { Authentication } from "./auth";
import { Details } from "./details";
import { forgotten } from "./draft";
import { type Edited, editedServer } from "./remote";
import { StaleDialog } from "./stale-dialog";
import { useServerDraft } from "./use-server-draft";

/** NewServerPage adds a server. */
export function NewServerPage() {
  return <ServerForm />;
}

/** EditServerPage changes a server that a person made. */
export function EditServerPage() {
  const { name } = useParams({ from: "/shell/servers/$name/edit" });
  const edited = useQuery(editedServer(name));
  if (isCode(edited.error, "not_found")) return <NotFound />;
  const server = edited.data?.server;
  // What an error or a fetch that runs would show is older than the edit may be.
  if (edited.data && server && !edited.isFetching && can(server, "EDIT") && server.source === "user") return <ServerForm key={name} opened={edited.data} />;
  const title = `Edit ${label(server?.title ?? name)}`;
  return (
    <Page title={title} lead={<Back name={name} />}>
      {edited.isError && <Failed error={edited.error} retry={() => edited.refetch()} what="The server" />}
      {edited.isFetching && <Skeleton what="the server" />}
      {server && !edited.isFetching && (
        <Banner tone="warning">{server.source === "yaml" ? "This server is defined in the configuration file, and is changed there." : "You lack the permission EDIT on this server. Ask its owner for it."}</Banner>
      )}
    </Page>
  );
}

function Back({ name }: { name?: string }) {
  if (!name) {
    return (
      <Link to="/servers" search={{}}>
        All servers
      </Link>
    );
  }
  return (
    <Link to="/servers/$name" params={{ name }} search={{}}>
      Back to the server
    </Link>
  );
}

function ServerForm({ opened }: { opened?: Edited }) {
  const state = useServerDraft(opened);
  const { draft, problem, save, dirty, edited } = state;
  const form = useRef<HTMLFormElement>(null);
  const summary = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (problem) summary.current?.focus();
  }, [problem]);
  // What is wrong is shown where it is, and the first of it is gone to.
  const firstWrong = () => requestAnimationFrame(() => form.current?.querySelector<HTMLElement>("[aria-invalid=true]")?.focus());
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (save.isPending) return;
    if (state.ready()) save.mutate(false, { onError: firstWrong });
    else firstWrong();
  };
  const gone = state.before ? forgotten(state.before, draft) : null;
  const title = edited ? `Edit ${label(edited.server.title, 80)}` : "Add a server";
  return (
    <Page title={title} lead={<Back name={edited?.server.name} />}>
      <form ref={form} onSubmit={submit} noValidate autoComplete="off" className="flex min-w-0 flex-col gap-5">
        {state.dropped.length > 0 && (
          <Banner tone="warning" alert>
            <p className="font-medium">Saved. The server is elsewhere now, so secrets were forgotten.</p>
            <p>
              Give again what it needs: <code>{state.dropped.join(", ")}</code>. Everybody signs in and gives their variables again.
            </p>
          </Banner>
        )}
        {problem && (
          <Banner tone="error" alert ref={summary}>
            {problem}
          </Banner>
        )}
        {!edited && (
          <Banner>A server sees what models and people send to its tools, and what it answers is read by models. Add one that you trust. Nobody else sees it until you share it.</Banner>
        )}
        <Address state={state} />
        <Authentication state={state} />
        <Details state={state} />
        {gone && (
          <Banner tone="warning">
            <p className="font-medium">This leads elsewhere: saving forgets what was given for the old place.</p>
            <p>{gone.length > 0 ? `Forgotten unless you type it again: ${gone.join(", ")}. ` : ""}What each person gave goes too: their variables and sign-ins.</p>
          </Banner>
        )}
        <div className="sticky bottom-0 z-10 -mx-4 flex flex-wrap items-center justify-end gap-3 border-t border-line bg-page px-4 py-3 md:mx-0 md:px-0">
          <span role="status" className="min-w-0 text-sm text-muted">
            {gone ? "Not saved yet: saving forgets what was given for the old place" : dirty ? "Not saved yet" : ""}
          </span>
          <Button type="submit" look="primary" busy={save.isPending}>
            {edited ? "Save" : "Add server"}
          </Button>
        </div>
      </form>
      <LeaveDialog blocker={state.blocker} what="What you wrote about this server" />
      {state.stale && edited && <StaleDialog name={edited.server.name} busy={save.isPending} onReload={(fresh) => (state.start(fresh), save.reset())} onOverwrite={() => save.mutate(true)} onClose={() => save.reset()} />}
    </Page>
  );
}
