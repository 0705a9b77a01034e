import { Check, Copy, WrapText } from "lucide-react";
import { memo, useEffect, useState } from "react";
import { copyText } from "../../lib/clipboard";
import { label } from "../../lib/text";
import { toast } from "../../ui/toast";
import type { Line } from "./highlight";

const longest = 60_000; // characters; more is shown without colours

/** CodeBlock is code: its language, what copies it, what wraps it. */
export const CodeBlock = memo(function CodeBlock({ code, language, growing = false }: { code: string; language: string; growing?: boolean }) {
  const [wrap, setWrap] = useState(false);
  const [copied, setCopied] = useState(false);
  const lines = useColours(code, language, !growing);
  const name = label(language, 30);
  const copy = async () => {
    const ok = await copyText(code);
    setCopied(ok);
    if (ok) setTimeout(() => setCopied(false), 2000);
    toast(ok ? "Code copied" : "The browser does not let this page copy: select the text instead");
  };
  const Icon = copied ? Check : Copy;
  const tool = "flex min-h-9 items-center gap-1.5 rounded-md px-2 text-xs text-muted hover:bg-surface hover:text-text md:min-h-7";
  return (
    <div className="my-3 overflow-hidden rounded-xl border border-line bg-surface">
      <div className="flex items-center justify-between gap-2 border-b border-line bg-sunken py-0.5 pl-3 pr-1">
        <span className="foreign min-w-0 truncate font-mono text-xs text-muted">{name || "code"}</span>
        <span className="flex shrink-0">
          <button type="button" aria-pressed={wrap} onClick={() => setWrap(!wrap)} className={`${tool} aria-pressed:text-accent`}>
            <WrapText aria-hidden className="size-3.5" />
            Wrap<span className="sr-only"> lines</span>
          </button>
          <button type="button" onClick={() => void copy()} className={tool}>
            <Icon aria-hidden className="size-3.5" />
            Copy<span className="sr-only"> code</span>
          </button>
        </span>
      </div>
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- it scrolls, so the keyboard must reach it */}
      <pre tabIndex={0} role="group" aria-label={name ? `Code, ${name}` : "Code"} className={`max-h-[32rem] overflow-auto p-3 font-mono text-[13px] leading-5 focus-visible:outline-offset-[-2px] ${wrap ? "whitespace-pre-wrap [overflow-wrap:anywhere]" : ""}`}>
        <code>{lines ? lines.map((line, i) => <CodeLine key={i} line={line} last={i === lines.length - 1} />) : code}</code>
      </pre>
    </div>
  );
});

function CodeLine({ line, last }: { line: Line; last: boolean }) {
  return (
    <>
      {line.map((token, i) => (
        <span key={i} className="tok" style={token.style}>
          {token.text}
        </span>
      ))}
      {!last && "\n"}
    </>
  );
}

// useColours reads code once it is whole; until then, and where nobody knows the language, it is plain.
function useColours(code: string, language: string, ready: boolean): Line[] | null {
  const [lines, setLines] = useState<Line[] | null>(null);
  useEffect(() => {
    if (!ready || language === "" || code.length > longest) return;
    let gone = false;
    void import("./highlight")
      .then((h) => h.highlight(code, language))
      .then((found) => {
        if (!gone) setLines(found);
      })
      .catch(() => undefined); // without colours it is still code
    return () => {
      gone = true;
    };
  }, [code, language, ready]);
  return lines;
}
