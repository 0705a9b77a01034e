import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { type FormEvent, useEffect, useRef, useState } from "react";
import { providers as providersQuery } from "../account/remote";
import { messageOf } from "../api/errors";
import type { AgentView } from "../api/schema";
import { cx } from "../lib/cx";
import { label } from "../lib/text";
import { Button } from "../ui/button";
import { Banner } from "../ui/feedback";
import { TextField } from "../ui/field";
import { AreaField } from "../ui/field-more";
import { LeaveDialog } from "../ui/leave-dialog";
import { Page, Panel } from "../ui/page";
import { AgentActions } from "./actions";
import { StaleDialog } from "./dialogs";
import { ModelFields } from "./model-fields";
import { Starters } from "./starters";
import { ToolsSection } from "./tools-section";
import { TryAgent } from "./try-agent";
import { useDraft } from "./use-draft";

/** Builder makes or changes an agent: the form, and a chat to try it in. */
export function Builder({ agent }: { agent?: AgentView }) {
  const state = useDraft(agent);
  const { draft, set, wrong, dirty, saved, save } = state;
  const [tab, setTab] = useState<"form" | "try">("form");
  const form = useRef<HTMLFormElement>(null);
  const problem = useRef<HTMLDivElement>(null);
  const providers = useQuery(providersQuery);
  const readOnly = saved !== undefined && !(saved.permissions?.includes("EDIT") ?? false);
  const failed = save.error !== null && !state.stale;
  useEffect(() => {
    if (failed) problem.current?.focus();
  }, [failed]);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const first = state.trySave();
    if (!first) return;
    const field = form.current?.elements.namedItem(first);
    if (field instanceof HTMLElement) {
      field.closest("details")?.setAttribute("open", "");
      field.focus();
    }
  };
  const noTools = providers.data?.find((p) => p.name === draft.provider)?.tools === false;
  const title = saved ? label(saved.name, 80) : "New agent";
  return (
    <Page
      wide
      title={title}
      lead={
        <Link to="/agents" search={{}}>
          All agents
        </Link>
      }
      actions={saved && <AgentActions agent={saved} dirty={dirty} onReverted={state.start} onLeave={state.leave} />}
    >
      <div role="group" aria-label="What is shown" className="flex gap-2 lg:hidden">
        <Button look={tab === "form" ? "primary" : "plain"} aria-pressed={tab === "form"} onClick={() => setTab("form")}>
          Set up
        </Button>
        <Button look={tab === "try" ? "primary" : "plain"} aria-pressed={tab === "try"} onClick={() => setTab("try")}>
          Try it
        </Button>
      </div>
      <div className="grid gap-5 lg:grid-cols-[minmax(0,1fr)_minmax(0,26rem)]">
        <form ref={form} onSubmit={submit} noValidate className={cx("flex min-w-0 flex-col gap-5", tab !== "form" && "max-lg:hidden")}>
          {readOnly && <Banner>You may use this agent, but not change it. Duplicate it to make one of your own.</Banner>}
          {failed && (
            <Banner tone="error" alert ref={problem}>
              {messageOf(save.error)}
            </Banner>
          )}
          <fieldset disabled={readOnly} className="contents">
            <Panel title="What it is">
              <div className="flex flex-col gap-4">
                <TextField label="Name" name="name" required autoFocus={!saved} maxLength={200} value={draft.name} onChange={(e) => set("name", e.target.value)} wrong={wrong.name} autoComplete="off" />
                <TextField label="Description" name="description" optional maxLength={2000} value={draft.description} onChange={(e) => set("description", e.target.value)} help="For people: what it is good for." autoComplete="off" />
                <AreaField
                  label="Instructions"
                  name="instructions"
                  optional
                  rows={8}
                  maxLength={200_000}
                  value={draft.instructions}
                  onChange={(e) => set("instructions", e.target.value)}
                  help="For the model: who it is, what to do and what not."
                />
              </div>
            </Panel>
            <ModelFields draft={draft} set={set} wrong={wrong} providers={providers.data} />
          </fieldset>
          <ToolsSection tools={draft.tools} onChange={(tools) => set("tools", tools)} noTools={noTools} readOnly={readOnly} />
          <fieldset disabled={readOnly} className="contents">
            <Starters starters={draft.starters} onChange={(starters) => set("starters", starters)} />
          </fieldset>
          {!readOnly && (
            <div className="sticky bottom-0 z-10 -mx-4 flex flex-wrap items-center justify-end gap-3 border-t border-line bg-page px-4 py-3 md:mx-0 md:px-0">
              <span role="status" className="text-sm text-muted">
                {dirty ? "Not saved yet" : ""}
              </span>
              <Button type="submit" look="primary" busy={save.isPending}>
                {saved ? "Save" : "Create agent"}
              </Button>
            </div>
          )}
        </form>
        <TryAgent agent={saved} dirty={dirty} className={cx(tab !== "try" && "max-lg:hidden")} />
      </div>
      <LeaveDialog blocker={state.blocker} what="What you changed in this agent" />
      {state.stale && saved && <StaleDialog id={saved.id} busy={save.isPending} onReload={(fresh) => (state.start(fresh), save.reset())} onOverwrite={() => save.mutate(true)} onClose={() => save.reset()} />}
    </Page>
  );
}
