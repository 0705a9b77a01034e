import { useState } from "react";
import { visible } from "../lib/text";

const first = 400;
const most = 20_000;

/** FoldedText is a description of a server's: its beginning, and the rest on demand. */
export function FoldedText({ text, what }: { text: string; what: string }) {
  const [open, setOpen] = useState(false);
  const long = text.length > first * 1.25;
  return (
    <span className="foreign whitespace-pre-wrap">
      {visible(long && !open ? `${text.slice(0, first)}…` : text.slice(0, most))}
      {long && (
        <button type="button" aria-expanded={open} onClick={() => setOpen(!open)} className="ml-1 text-accent underline">
          {open ? "Show less" : "Show all"}
          <span className="sr-only"> of {what}</span>
        </button>
      )}
    </span>
  );
}
