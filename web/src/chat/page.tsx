import { useQuery, useSuspenseQuery } from "@tanstack/react-query";
import { useParams, useSearch } from "@tanstack/react-router";
import { ArrowDown } from "lucide-react";
import { lazy, Suspense, useEffect, useMemo, useRef, useState, useSyncExternalStore } from "react";
import { messageOf } from "../api/errors";
import { me } from "../api/me";
import { useTitle } from "../lib/use-title";
import { Banner, Failed, Skeleton } from "../ui/feedback";
import { Button } from "../ui/button";
import { Announce } from "./announce";
import { Composer } from "./composer/composer";
import { draftsOf, remember } from "./composer/drafts";
import { useSettings } from "./composer/use-settings";
import { Choices } from "./composer/choices";
import { EmptyChat } from "./empty";
import { MessageList } from "./messages/message-list";
import type { Way } from "./messages/branch";
import { titleOf } from "./rail/title";
import { agents as agentsQuery } from "./remote";
import { RunsProvider, useRuns } from "./runs-context";
import { unready as unreadyOf, useServers } from "./server-menu-state";
import { TopBar } from "./top-bar";
import { active, type WaitView } from "./types";
import { useChat } from "./use-chat";
import { useStick } from "./use-stick";
import { WaitBar } from "./wait-bar";

const Checklist = lazy(async () => ({ default: (await import("../start/checklist")).Checklist }));

export function ChatPage() {
  const { data: user } = useSuspenseQuery(me);
  draftsOf(user.id);
  return (
    <RunsProvider>
      <Chat />
    </RunsProvider>
  );
}

const UnreadyBar = lazy(async () => ({ default: (await import("./server-menu-unready")).UnreadyBar }));

// focusBelow gives the focus a place when what had it makes room for an answer.
function focusBelow(): void {
  const to = wide() ? document.getElementById("composer") : document.querySelector<HTMLElement>('[role="log"]');
  to?.focus({ preventScroll: true });
}

const wide = () => matchMedia("(min-width: 768px)").matches;

function Chat() {
  const { id } = useParams({ from: "/shell/c/$id" });
  const { agent } = useSearch({ from: "/shell/c/$id" });
  const chat = useChat(id);
  const { conversation, messages, path, fresh } = chat;
  useTitle(titleOf(conversation.data));
  const scroller = useRef<HTMLDivElement>(null);
  const content = useRef<HTMLDivElement>(null);
  const { away, toEnd } = useStick(scroller, content, `${id} ${messages.isSuccess}`);
  const choice = useSettings(conversation.data, fresh, agent);
  const [problem, setProblem] = useState("");
  const [stopping, setStopping] = useState("");
  const [round, setRound] = useState(0);
  const last = path.at(-1)?.message;
  const live = useLive(last?.run?.id);
  const run = live?.run ?? last?.run ?? null;
  const running = run !== null && active(run.status);
  const unready = unreadyOf(useServers().servers, choice.settings.agentId ? [] : (choice.settings.mcpServers ?? []));
  const [held, setHeld] = useState<(() => void) | null>(null);
  const waits = useMemo(() => (run?.waits ?? []).filter((w: WaitView) => w.status === "open"), [run?.waits]);
  const agents = useQuery(agentsQuery);

  const send = async (text: string, attachments: string[]) => {
    setProblem("");
    setHeld(null);
    await chat.send(text, attachments, settings.current, last?.id);
    toEnd();
  };
  const { again, go } = chat;
  const settings = useRef(choice.settings);
  settings.current = choice.settings;
  const edit = useRef(chat.send);
  edit.current = chat.send;
  const list = useRef(path);
  list.current = path;
  // What these do is in refs, so that no message is drawn anew while one types.
  const way = useMemo<Way>(
    () => ({
      go,
      busy: running,
      edit: async (message, text, attachments) => {
        const at = list.current.find((s) => s.message.id === message);
        await edit.current(text, attachments, settings.current, at?.message.parentId ?? undefined);
        toEnd();
        focusBelow();
      },
      again: (message) => void again(message, settings.current).then(toEnd).then(focusBelow).catch((error: unknown) => setProblem(messageOf(error))),
    }),
    // oxlint-disable-next-line react/exhaustive-deps, react/memo-dependencies -- refs, as said above
    [go, again, running, toEnd],
  );
  const stop = () => {
    if (!run || stopping === run.id) return;
    setStopping(run.id);
    chat.stop(run.id).catch((error: unknown) => {
      setStopping("");
      setProblem(messageOf(error));
    });
  };
  const editLast = () => {
    const mine = path.findLast((s) => s.message.role === "user");
    document.querySelector<HTMLElement>(`[data-question="${CSS.escape(mine?.message.id ?? "")}"] [data-edit]`)?.click();
  };
  const missing = conversation.isError || messages.isError;
  const chosenAgent = agents.data?.find((a) => a.id === choice.settings.agentId);
  return (
    <div className="flex h-full min-h-0 flex-col">
      <TopBar conversation={conversation.data} />
      <div className="relative flex min-h-0 flex-1 flex-col">
        {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- it scrolls, so the keyboard must reach it */}
        <div ref={scroller} role="log" aria-live="off" aria-label="Messages" tabIndex={0} className="flex min-h-0 flex-1 flex-col overflow-y-auto overscroll-contain focus-visible:outline-offset-[-2px]">
          {missing ? (
            <div className="mx-auto w-full max-w-3xl p-4">
              <Failed error={conversation.error ?? messages.error} retry={() => void Promise.all([conversation.refetch(), messages.refetch()])} what="This chat" />
            </div>
          ) : fresh ? (
            <EmptyChat
              agent={chosenAgent}
              spec={choice.spec}
              ready={choice.ready || choice.pending}
              onStart={(text) => {
                remember(id, text);
                setRound((n) => n + 1);
              }}
            >
              {!chosenAgent && (
                <Suspense fallback={null}>
                  <Checklist />
                </Suspense>
              )}
            </EmptyChat>
          ) : (
            <div ref={content} className="mx-auto w-full max-w-3xl px-4 pb-6 pt-5">
              {messages.isPending ? <Skeleton rows={3} what="the messages" /> : <MessageList path={path} way={way} />}
            </div>
          )}
        </div>
        {away && (
          <Button onClick={toEnd} icon={ArrowDown} className="absolute bottom-3 left-1/2 -translate-x-1/2 rounded-full! shadow-pop">
            Jump to latest
          </Button>
        )}
      </div>
      <div className="no-print mx-auto flex w-full max-w-3xl shrink-0 flex-col gap-2 px-3 pb-3 md:px-4 md:pb-4">
        <WaitBar waits={waits} />
        {problem && (
          <Banner tone="error" alert>
            {problem}
          </Banner>
        )}
        {held && unready.length > 0 && (
          <Suspense fallback={null}>
          <UnreadyBar
            selected={choice.settings.mcpServers ?? []}
            onSendWithout={(names) => {
              const next = { ...choice.settings, mcpServers: (choice.settings.mcpServers ?? []).filter((s) => !names.includes(s)) };
              settings.current = next;
              choice.change(next);
              held();
            }}
          />
          </Suspense>
        )}
        <Announce live={live} />
        {!missing && (
          <Composer
            key={`${id} ${round}`}
            place={id}
            running={running}
            waiting={run?.status === "waiting"}
            stopping={run !== null && stopping === run.id}
            blocked={choice.blocked}
            focus={wide() || round > 0}
            onSend={(text, files) => send(text, files)}
            onStop={stop}
            onUp={editLast}
            before={(go) => {
              if (unready.length === 0 || held) return true;
              setHeld(() => go);
              return false;
            }}
          >
            <Choices choice={choice} agent={chosenAgent} />
          </Composer>
        )}
      </div>
    </div>
  );
}

function useLive(run: string | undefined) {
  const runs = useRuns();
  // A run that is not known yet is watched as soon as the list has shown it.
  const [, look] = useState(0);
  useEffect(() => look((n) => n + 1), [run]);
  return useSyncExternalStore(
    (w) => (run ? runs.watch(run, w) : () => undefined),
    () => (run ? runs.current(run) : undefined),
  );
}
