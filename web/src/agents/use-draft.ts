import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useBlocker, useNavigate } from "@tanstack/react-router";
import { useRef, useState } from "react";
import { APIError } from "../api/errors";
import type { AgentView } from "../api/schema";
import { toast } from "../ui/toast";
import { blank, type Draft, draftOf, fieldsOf, same, type Wrong, wrongWith } from "./draft";
import { saveAgent, took } from "./remote";

/** useDraft keeps an agent while it is edited, and saves it. */
export function useDraft(agent: AgentView | undefined) {
  const cache = useQueryClient();
  const navigate = useNavigate();
  // What was opened, and by which version: what others do meanwhile must not be lost unseen.
  const [base, setBase] = useState<{ draft: Draft; agent: AgentView | undefined }>(() => ({ draft: agent ? draftOf(agent) : blank, agent }));
  const [draft, setDraft] = useState(base.draft);
  const [wrong, setWrong] = useState<Wrong>({});
  const leaving = useRef(false); // after saving: nothing is lost
  const dirty = !same(draft, base.draft);

  const start = (from: AgentView) => {
    const fresh = draftOf(from);
    setBase({ draft: fresh, agent: from });
    setDraft(fresh);
    setWrong({});
  };
  const save = useMutation({
    mutationFn: (overwrite: boolean) => saveAgent(base.agent?.id, overwrite ? 0 : (base.agent?.version ?? 0), fieldsOf(draft, base.agent?.params)),
    onSuccess: (saved) => {
      took(cache, saved);
      toast(base.agent ? "Agent saved" : "Agent made");
      start(saved);
      if (!base.agent) {
        leaving.current = true;
        void navigate({ to: "/agents/$id", params: { id: saved.id }, replace: true });
      }
    },
  });
  const blocker = useBlocker({
    shouldBlockFn: ({ current, next }) => dirty && !leaving.current && current.pathname !== next.pathname,
    enableBeforeUnload: () => dirty && !leaving.current,
    withResolver: true,
  });
  const set = <K extends keyof Draft>(key: K, value: Draft[K]) => {
    setDraft((old) => ({ ...old, [key]: value }));
    setWrong((old) => ({ ...old, [key]: undefined }));
  };
  /** trySave saves what is right, and else returns the first field that is not. */
  const trySave = (): keyof Draft | undefined => {
    const found = wrongWith(draft);
    setWrong(found);
    const first = (Object.keys(found) as (keyof Draft)[])[0];
    if (first === undefined && !save.isPending) save.mutate(false);
    return first;
  };
  const stale = save.error instanceof APIError && save.error.status === 412;
  return { draft, set, wrong, dirty, saved: base.agent, start, save, trySave, stale, blocker, leave: () => (leaving.current = true) };
}
