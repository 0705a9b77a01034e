import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useBlocker, useNavigate } from "@tanstack/react-router";
import { useRef, useState } from "react";
import { APIError, messageOf } from "../../api/errors";
import { toast } from "../../ui/toast";
import { blank, bodyOf, type Draft, draftOf, nameOf, patchOf, same } from "./draft";
import { change, create, type Edited, took } from "./remote";
import { spread, type Wrong, wrongWith } from "./wrong";

/** useServerDraft keeps a definition while it is edited, and saves it. */
export function useServerDraft(opened: Edited | undefined) {
  const cache = useQueryClient();
  const navigate = useNavigate();
  // What was opened, and by which version: what others do meanwhile must not be lost unseen.
  const [base, setBase] = useState(() => ({ draft: opened ? draftOf(opened.server) : blank, edited: opened }));
  const [draft, setDraft] = useState(base.draft);
  const [wrong, setWrong] = useState<Wrong>({});
  const [problem, setProblem] = useState("");
  const [dropped, setDropped] = useState<string[]>([]);
  const leaving = useRef(false); // after saving: nothing is lost
  const before = base.edited ? base.draft : undefined;
  const dirty = !same(draft, base.draft);

  const start = (edited: Edited) => {
    const fresh = draftOf(edited.server);
    setBase({ draft: fresh, edited });
    setDraft(fresh);
    setWrong({});
    setProblem("");
  };
  const open = (name: string) => {
    leaving.current = true;
    void navigate({ to: "/servers/$name", params: { name }, search: {} });
  };
  const refused = (error: unknown) => {
    if (!(error instanceof APIError) || error.fields.length === 0) return setProblem(messageOf(error));
    const found = spread(error.fields);
    setWrong(found.wrong);
    setProblem(found.rest.length > 0 ? found.rest.join(" ") : Object.keys(found.wrong).length > 0 ? "" : error.message);
  };
  const save = useMutation({
    mutationFn: async (overwrite: boolean) => {
      if (!base.edited) return { edited: { server: await create(bodyOf(draft)), etag: "" }, dropped: [] };
      return change(base.edited.server.name, patchOf(bodyOf(base.draft), bodyOf(draft)), overwrite ? "" : base.edited.etag);
    },
    onSuccess: (done) => {
      took(cache, done.edited.server);
      toast(base.edited ? "Server saved" : "Server added");
      setDropped(done.dropped);
      if (done.dropped.length === 0) return open(done.edited.server.name);
      start(done.edited); // what was forgotten can be given again here
    },
    onError: refused,
  });
  const blocker = useBlocker({
    shouldBlockFn: ({ current, next }) => dirty && !leaving.current && current.pathname !== next.pathname,
    enableBeforeUnload: () => dirty && !leaving.current,
    withResolver: true,
  });
  const put = (some: Partial<Draft>) => {
    setDraft((old) => ({ ...old, ...some }));
    setWrong((old) => Object.fromEntries(Object.entries(old).filter(([field]) => !(field.split(".")[0] as string in some))));
  };
  /** ready says what is wrong at first sight; nothing means that it may be sent. */
  const ready = (): boolean => {
    const found = wrongWith(draft, before);
    setWrong(found);
    setProblem("");
    return Object.keys(found).length === 0;
  };
  const stale = save.error instanceof APIError && save.error.status === 412;
  return { draft, put, wrong, problem: stale ? "" : problem, refused, dirty, before, edited: base.edited, name: base.edited?.server.name ?? nameOf(draft), start, save, ready, stale, dropped, blocker, leave: () => (leaving.current = true) };
}

export type ServerDraft = ReturnType<typeof useServerDraft>;
