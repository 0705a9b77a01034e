import { useEffect, useRef, useState } from "react";
import { textOf, wordsIn } from "./messages/items";
import type { Live } from "./runs";
import { active } from "./types";

const ends: Record<string, string> = { stopped: "Answer stopped", failed: "The model did not answer", interrupted: "Answer interrupted" };

/** Announce tells screen readers when an answer begins, waits and ends; what is in it they read themselves. */
export function Announce({ live }: { live: Live | undefined }) {
  const [said, setSaid] = useState("");
  const before = useRef<{ id: string; status: string } | null>(null);
  const id = live?.run.id ?? "";
  const status = live?.run.status;
  useEffect(() => {
    if (!live || !status) {
      before.current = null;
      return;
    }
    const old = before.current;
    before.current = { id, status };
    if (old?.id === id && old.status === status) return;
    if (active(status)) {
      if (status === "waiting") setSaid("The answer waits for you. Press F6 to go there.");
      else if (old?.id !== id) setSaid("Answer started");
      return;
    }
    if (old?.id !== id) return; // it had ended when the page opened
    setSaid(ends[status] ?? `Answer finished, ${wordsIn(textOf(live))} words`);
  }, [live, id, status]);
  return (
    <p role="status" className="sr-only">
      {said}
    </p>
  );
}
