import { memo, useMemo } from "react";
import { visible } from "../../lib/text";
import { Zoom } from "../../ui/zoom";
import { CallGroup } from "../cards/call-group";
import { ToolCard } from "../cards/tool-card";
import { Markdown } from "../markdown/markdown";
import { useRun } from "../runs-context";
import { active, type MessageView, type Part, type RunView } from "../types";
import { AnswerBar } from "./answer-bar";
import { AnswerEnd } from "./answer-end";
import { itemsOf } from "./items";
import { Orphans } from "./orphans";
import { Reasoning } from "./reasoning";
import type { Way } from "./branch";

interface Props {
  message: MessageView;
  run: RunView;
  siblings: string[];
  way: Way;
  last: boolean;
}

/** Answer is what a model wrote, with the tools that it used. */
export const Answer = memo(function Answer({ message, run: read, siblings, way, last }: Props) {
  const live = useRun(read);
  const items = useMemo(() => itemsOf(live), [live]);
  const { run, writing, progress } = live;
  const busy = run.status === "running" && writing === null && !run.calls?.some((c) => c.state === "started" || c.state === "queued");
  return (
    <article aria-labelledby={`${message.id}-by`} className="group/message flex flex-col gap-3">
      <h2 id={`${message.id}-by`} className="sr-only">
        Answer
      </h2>
      {items.map((item) => {
        if (item.kind === "call") return <ToolCard key={item.key} call={item.call} run={run.id} status={run.status} waits={run.waits} progress={progress[item.call.id]} />;
        if (item.kind === "calls") return <CallGroup key={item.key} calls={item.calls} run={run} />;
        return <PartView key={item.key} part={item.part} growing={item.growing && active(run.status)} />;
      })}
      <Orphans run={run} />
      {busy && <Thinking first={items.length === 0} />}
      <AnswerEnd run={run} last={last} />
      {!active(run.status) && <AnswerBar live={live} message={message} siblings={siblings} way={way} last={last} />}
    </article>
  );
});

function Thinking({ first }: { first: boolean }) {
  return (
    <p className="flex h-6 items-center gap-2 text-sm text-muted">
      <span aria-hidden className="flex gap-1">
        {[0, 1, 2].map((i) => (
          <span key={i} className="size-1.5 animate-pulse rounded-full bg-muted motion-reduce:animate-none" style={{ animationDelay: `${i * 200}ms` }} />
        ))}
      </span>
      {first ? "Asking the model…" : "Reading the results…"}
    </p>
  );
}

const images = /^image\/(png|jpeg|gif|webp)$/;

function PartView({ part, growing }: { part: Part; growing: boolean }) {
  switch (part.kind) {
    case "text":
      return <Markdown text={part.text ?? ""} growing={growing} name="Answer" />;
    case "refusal":
      return <p className="foreign whitespace-pre-wrap">{visible(part.text ?? "")}</p>;
    case "reasoning":
      return <Reasoning text={part.text ?? ""} growing={growing} />;
    case "image":
      if (part.media?.data && images.test(part.media.mimeType ?? "")) return <Zoom src={`data:${part.media.mimeType};base64,${part.media.data}`} alt="Image from the model" />;
      return <p className="text-sm text-muted">The model sent an image that is not shown.</p>;
  }
  return <p className="text-sm text-muted">The model sent a part of the kind “{part.kind}”, which is not shown.</p>;
}
