import { memo, useMemo, useRef } from "react";
import ReactMarkdown, { type Components } from "react-markdown";
import { visible, webURL } from "../../lib/text";
import { LongText } from "../../ui/long-text";
import { definitionsOf, hasNotes, mend, Splitter } from "./blocks";
import { CodeBlock } from "./code-block";
import { readGFM } from "./gfm";
import { RemoteImage } from "./remote-image";

const most = 400_000; // characters that are read as markdown; more is shown as text

/** Markdown shows what a model wrote. A text that grows costs its last block only. */
export function Markdown({ text, growing = false, name }: { text: string; growing?: boolean; name: string }) {
  const splitter = useRef<Splitter>(null);
  const blocks = useMemo(() => {
    if (text.length > most) return null;
    if (hasNotes(text)) return [text];
    splitter.current ??= new Splitter();
    return splitter.current.blocks(text);
  }, [text]);
  const named = useMemo(() => (blocks && text.includes("]:") ? definitionsOf(blocks) : ""), [blocks, text]);
  if (!blocks) return <LongText text={text} name={name} />;
  const last = blocks.length - 1;
  return (
    <div className="md">
      {blocks.map((block, i) => (
        <Block key={i} text={growing && i === last ? mend(block) : block} named={named && block.includes("[") ? named : ""} growing={growing && i === last} />
      ))}
    </div>
  );
}

const plugins = [readGFM];

// What is not here is text, or a link that was looked at: nothing of a model runs or is fetched.
const components: Components = {
  a: ({ href, children }) => <Anchor href={href}>{children}</Anchor>,
  img: ({ src, alt }) => <RemoteImage src={typeof src === "string" ? src : ""} alt={alt ?? ""} />,
  pre: ({ children }) => children,
  table: ({ children }) => (
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- it scrolls, so the keyboard must reach it
    <div tabIndex={0} role="group" aria-label="Table" className="md-table">
      <table>{children}</table>
    </div>
  ),
  input: ({ checked }) => <input type="checkbox" checked={checked === true} readOnly disabled aria-label={checked ? "Done" : "Not done"} />,
  // One level below the message's own heading, whatever the model counts from.
  h1: ({ children }) => <h3 className="md-h1">{children}</h3>,
  h2: ({ children }) => <h3 className="md-h2">{children}</h3>,
  h3: ({ children }) => <h3>{children}</h3>,
  h4: ({ children }) => <h3>{children}</h3>,
  h5: ({ children }) => <h3>{children}</h3>,
  h6: ({ children }) => <h3>{children}</h3>,
};

const fenced: Components["code"] = ({ className, children }) => {
  const text = String(children ?? "");
  const language = /language-(\S+)/.exec(className ?? "")?.[1];
  if (language === undefined && !text.endsWith("\n")) return <code className="foreign">{children}</code>;
  return <CodeBlock code={text.replace(/\n$/, "")} language={language ?? ""} />;
};
const open: Components["code"] = ({ className, children }) => {
  const text = String(children ?? "");
  const language = /language-(\S+)/.exec(className ?? "")?.[1];
  if (language === undefined && !text.endsWith("\n")) return <code className="foreign">{children}</code>;
  return <CodeBlock code={text.replace(/\n$/, "")} language={language ?? ""} growing />;
};
const whole: Components = { ...components, code: fenced };
const unfinished: Components = { ...components, code: open };

const keepURL = (url: string): string => url; // components look at it

const Block = memo(function Block({ text, named, growing }: { text: string; named: string; growing: boolean }) {
  return (
    <div className="md-block">
      <ReactMarkdown remarkPlugins={plugins} components={growing ? unfinished : whole} urlTransform={keepURL}>
        {visible(named ? `${text}\n\n${named}` : text)}
      </ReactMarkdown>
    </div>
  );
});

function Anchor({ href, children }: { href?: string; children: React.ReactNode }) {
  const url = href ? webURL(href) : null;
  if (!url) return <span>{children}</span>;
  return (
    <a href={url} target="_blank" rel="noopener noreferrer nofollow" title={url}>
      {children}
      <span className="sr-only"> (opens a new tab)</span>
    </a>
  );
}
