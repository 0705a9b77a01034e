import { File as FileIcon, Pencil } from "lucide-react";
import { memo, useState } from "react";
import { messageOf } from "../../api/errors";
import { cx } from "../../lib/cx";
import { label, visible } from "../../lib/text";
import { Button, IconButton } from "../../ui/button";
import { CopyButton } from "../../ui/copy-button";
import { Zoom } from "../../ui/zoom";
import { attachmentURL } from "../remote";
import type { MessageView, Part } from "../types";
import { barLook } from "./answer-bar";
import { Branch, type Way } from "./branch";

const long = 3000; // characters
const inline = /^image\/(png|jpeg|gif|webp)$/;

const textOf = (m: MessageView): string =>
  (m.parts ?? [])
    .filter((p) => p.kind === "text")
    .map((p) => p.text ?? "")
    .join("\n");

/** Question is what a person wrote, and what can be done about it. */
export const Question = memo(function Question({ message, siblings, way, last }: { message: MessageView; siblings: string[]; way: Way; last: boolean }) {
  const [editing, setEditing] = useState(false);
  const text = textOf(message);
  const files = (message.parts ?? []).filter((p) => p.media?.ref);
  return (
    <article aria-labelledby={`${message.id}-by`} className="group/message flex flex-col items-end gap-1" data-question={message.id}>
      <h2 id={`${message.id}-by`} className="sr-only">
        You wrote
      </h2>
      {files.length > 0 && (
        <div className="flex max-w-[85%] flex-wrap justify-end gap-2">
          {files.map((p, i) => (
            <Attached key={i} part={p} />
          ))}
        </div>
      )}
      {editing ? (
        <Edit text={text} busy={way.busy} onClose={() => setEditing(false)} onSend={(next) => way.edit(message.id, next, files.map((f) => f.media?.ref ?? ""))} />
      ) : (
        text && <Text text={text} />
      )}
      {!editing && (
        <div className={cx(barLook(last), "-mr-1.5 justify-end")}>
          <Branch id={message.id} siblings={siblings} go={way.go} />
          <CopyButton bare small text={text} label="Copy message" />
          <IconButton label="Edit message" icon={Pencil} className="text-muted! md:size-7! [&_svg]:size-4" aria-disabled={way.busy || undefined} data-edit="" onClick={() => !way.busy && setEditing(true)} />
        </div>
      )}
    </article>
  );
});

function Text({ text }: { text: string }) {
  const [open, setOpen] = useState(false);
  const cut = text.length > long && !open;
  return (
    <div className="foreign max-w-[85%] whitespace-pre-wrap rounded-2xl rounded-br-md bg-accent-tint px-4 py-2.5">
      {visible(cut ? text.slice(0, long) : text)}
      {text.length > long && (
        <button type="button" aria-expanded={open} onClick={() => setOpen(!open)} className="mt-1 block text-sm text-accent underline">
          {open ? "Show less" : `Show all of ${text.length.toLocaleString("en")} characters`}
        </button>
      )}
    </div>
  );
}

function Attached({ part }: { part: Part }) {
  const name = label(part.media?.name ?? "", 80) || "Attachment";
  const url = attachmentURL(part.media?.ref ?? "");
  if (part.kind === "image" && inline.test(part.media?.mimeType ?? "")) return <Zoom src={url} alt={name} className="max-h-48 max-w-full" />;
  return (
    <a href={url} download={name} className="inline-flex max-w-full items-center gap-2 rounded-lg border border-line bg-surface px-3 py-2 text-sm text-text no-underline hover:bg-sunken">
      <FileIcon aria-hidden className="size-4 shrink-0 text-muted" />
      <span className="foreign truncate">{name}</span>
    </a>
  );
}

function Edit({ text, busy, onClose, onSend }: { text: string; busy: boolean; onClose: () => void; onSend: (text: string) => Promise<void> }) {
  const [value, setValue] = useState(text);
  const [sending, setSending] = useState(false);
  const [problem, setProblem] = useState("");
  const send = async () => {
    if (sending || busy || value.trim() === "") return;
    setSending(true);
    setProblem("");
    try {
      await onSend(value);
      onClose();
    } catch (error) {
      setProblem(messageOf(error));
      setSending(false);
    }
  };
  return (
    <form
      className="flex w-full flex-col gap-2"
      onSubmit={(e) => {
        e.preventDefault();
        void send();
      }}
    >
      <textarea
        aria-label="Edit message"
        autoFocus
        rows={Math.min(12, value.split("\n").length + 1)}
        value={value}
        onChange={(e) => setValue(e.target.value)}
        onKeyDown={(e) => {
          if (e.key === "Escape") onClose();
          if (e.key === "Enter" && !e.shiftKey && !e.nativeEvent.isComposing) {
            e.preventDefault();
            void send();
          }
        }}
        className="w-full resize-y rounded-2xl border border-control bg-surface px-4 py-2.5"
      />
      {problem && (
        <p role="alert" className="text-sm text-danger">
          {problem}
        </p>
      )}
      <div className="flex flex-wrap items-center justify-end gap-2">
        <span className="mr-auto text-xs text-muted">The message as it was stays, as another version.</span>
        <Button onClick={onClose}>Cancel</Button>
        <Button type="submit" look="primary" busy={sending || busy}>
          Send
        </Button>
      </div>
    </form>
  );
}
