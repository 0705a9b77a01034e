import { useState } from "react";
import { bytes } from "../lib/format";
import { visible } from "../lib/text";
import { Button } from "./button";

const firstLines = 40;
const firstChars = 8_000;
const step = 256_000;

// cutAt is how much of a text is shown at first: forty lines, or some screens of one line.
function cutAt(text: string): number {
  let at = 0;
  for (let line = 0; line < firstLines; line++) {
    const next = text.indexOf("\n", at);
    if (next < 0) return Math.min(text.length, firstChars);
    at = next + 1;
    if (at > firstChars) return firstChars;
  }
  return at;
}

/** LongText shows text as text, a part at a time: ten megabytes must not stop the page. */
export function LongText({ text, name }: { text: string; name: string }) {
  const [shown, setShown] = useState(() => cutAt(text));
  return (
    <div>
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- it scrolls, so the keyboard must reach it */}
      <pre tabIndex={0} role="group" aria-label={name} className="foreign max-h-[32rem] overflow-auto whitespace-pre-wrap rounded-lg bg-sunken p-3 font-mono text-sm">
        {visible(text.slice(0, shown))}
      </pre>
      {shown < text.length && (
        <Button className="mt-2" onClick={() => setShown(Math.min(text.length, shown + step))}>
          Show {text.length - shown > step ? "more" : "all"} ({bytes(text.length - shown)} left)
        </Button>
      )}
    </div>
  );
}
