import { Brain, ChevronDown } from "lucide-react";
import { useId, useState } from "react";
import { cx } from "../../lib/cx";
import { Markdown } from "../markdown/markdown";

/** Reasoning is what a model thought before it wrote: folded, unless one wants to see it. */
export function Reasoning({ text, growing }: { text: string; growing: boolean }) {
  const [open, setOpen] = useState(false);
  const id = useId();
  return (
    <div>
      <button type="button" aria-expanded={open} aria-controls={id} onClick={() => setOpen(!open)} className="flex min-h-9 items-center gap-2 rounded-lg pr-2 text-sm text-muted hover:text-text md:min-h-7">
        <Brain aria-hidden className={cx("size-4", growing && "animate-pulse motion-reduce:animate-none")} />
        {growing ? "Thinking…" : "Thoughts"}
        <ChevronDown aria-hidden className={cx("size-4 transition-transform", open && "rotate-180")} />
      </button>
      <div id={id} hidden={!open} className="mt-1 border-l-2 border-line pl-4 text-sm text-muted">
        {open && <Markdown text={text} growing={growing} name="Thoughts" />}
      </div>
    </div>
  );
}
