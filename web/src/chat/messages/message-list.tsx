import { memo } from "react";
import type { Shown } from "../tree";
import { Answer } from "./answer";
import type { Way } from "./branch";
import { Question } from "./question";

/** MessageList is the messages on the way that is shown. */
export const MessageList = memo(function MessageList({ path, way }: { path: Shown[]; way: Way }) {
  const end = path.length - 1;
  return (
    <ol className="flex flex-col gap-6">
      {path.map(({ message: m, siblings }, i) => (
        // Those at the end change their size as they grow.
        <li key={m.role === "user" ? m.id : `a-${m.parentId}-${m.id}`} className={i < end - 3 ? "off" : undefined}>
          {m.role === "user" ? (
            <Question message={m} siblings={siblings} way={way} last={i >= end - 1} />
          ) : m.run ? (
            <Answer message={m} run={m.run} siblings={siblings} way={way} last={i === end} />
          ) : (
            <p className="text-sm text-muted">This answer is not there any more.</p>
          )}
        </li>
      ))}
    </ol>
  );
});
