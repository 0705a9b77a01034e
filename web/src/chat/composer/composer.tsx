import { ArrowUp, Paperclip, Square } from "lucide-react";
import { type ClipboardEvent, type DragEvent, type KeyboardEvent, type ReactNode, useEffect, useLayoutEffect, useRef, useState } from "react";
import { messageOf } from "../../api/errors";
import { cx } from "../../lib/cx";
import { IconButton } from "../../ui/button";
import { Banner } from "../../ui/feedback";
import { forget, recall, remember } from "./drafts";
import { Files } from "./files";
import { useFiles } from "./use-files";

interface Props {
  /** place is whose draft this is: a conversation, or new. */
  place: string;
  running: boolean;
  stopping: boolean;
  /** waiting: the answer waits for a person. */
  waiting: boolean;
  /** blocked is why nothing can be sent. */
  blocked?: string;
  focus: boolean;
  onSend: (text: string, attachments: string[]) => Promise<void>;
  onStop: () => void;
  /** onUp: the arrow in an empty field edits what was sent last. */
  onUp: () => void;
  /** before may hold a message back, to ask something first. */
  before?: (send: () => void) => boolean;
  children: ReactNode;
}

/** Composer is where one writes. What is typed stays until it is sent. */
export function Composer({ place, running, stopping, waiting, blocked, focus, onSend, onStop, onUp, before, children }: Props) {
  const [text, setText] = useState(() => recall(place) ?? "");
  const [sending, setSending] = useState(false);
  const [problem, setProblem] = useState("");
  const [over, setOver] = useState(false);
  const { files, refused, add, remove, clear, say } = useFiles();
  const field = useRef<HTMLTextAreaElement>(null);
  const picker = useRef<HTMLInputElement>(null);
  useGrow(field, text);
  useEffect(() => {
    if (focus) field.current?.focus({ preventScroll: true });
  }, [focus]);
  const type = (next: string) => {
    setText(next);
    remember(place, next);
  };
  const uploading = files.some((f) => !f.id && !f.problem);
  const empty = text.trim() === "" && files.length === 0;
  const really = async () => {
    setSending(true);
    setProblem("");
    try {
      forget(place);
      await onSend(text, files.map((f) => f.id).filter(Boolean));
      setText("");
      clear();
    } catch (error) {
      remember(place, text);
      setProblem(messageOf(error));
    }
    setSending(false);
  };
  const send = () => {
    if (empty || sending || running) return;
    if (uploading) return say("A file is still on its way.");
    if (files.some((f) => f.problem)) return say("Remove the file that did not arrive first.");
    if (blocked) return setProblem(blocked);
    if (before && !before(() => void really())) return;
    void really();
  };
  const keys = (e: KeyboardEvent<HTMLTextAreaElement>) => {
    if (e.nativeEvent.isComposing) return;
    if (e.key === "Enter" && !e.shiftKey) {
      e.preventDefault();
      send();
    } else if (e.key === "Escape" && running) {
      e.preventDefault();
      onStop();
    } else if (e.key === "ArrowUp" && text === "") {
      e.preventDefault();
      onUp();
    }
  };
  const paste = (e: ClipboardEvent) => {
    if (e.clipboardData.files.length === 0) return;
    e.preventDefault();
    add(e.clipboardData.files);
  };
  const drop = (e: DragEvent) => {
    e.preventDefault();
    setOver(false);
    add(e.dataTransfer.files);
    field.current?.focus();
  };
  return (
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-element-interactions -- dropping is a short cut for what the button does
    <form
      aria-label="Message"
      onSubmit={(e) => {
        e.preventDefault();
        send();
      }}
      onDragOver={(e) => {
        e.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={drop}
      className="flex flex-col gap-2"
    >
      {(problem || refused) && (
        <Banner tone="error" alert>
          {problem || refused}
        </Banner>
      )}
      <div className={cx("relative rounded-2xl border bg-surface shadow-sm focus-within:border-accent", over ? "border-accent" : "border-control")}>
        <Files files={files} onRemove={remove} />
        <textarea
          ref={field}
          id="composer"
          aria-label="Message"
          rows={1}
          value={text}
          placeholder={waiting ? "The answer waits for you" : running ? "The answer is being written…" : "Write a message"}
          onChange={(e) => type(e.target.value)}
          onKeyDown={keys}
          onPaste={paste}
          enterKeyHint="send"
          maxLength={1_000_000}
          className="block max-h-[40dvh] min-h-12 w-full resize-none bg-transparent px-4 pb-1 pt-3 outline-none placeholder:text-muted"
        />
        <div className="flex flex-wrap items-center gap-1 px-2 pb-2">
          <input ref={picker} type="file" multiple hidden onChange={(e) => { if (e.target.files) add(e.target.files); e.target.value = ""; }} />
          <IconButton label="Attach files" icon={Paperclip} onClick={() => picker.current?.click()} className="md:size-8!" />
          {children}
          <span className="ml-auto">
            {running ? (
              <IconButton key="stop" look="plain" label={stopping ? "Stopping" : "Stop"} icon={Square} busy={stopping} onClick={onStop} className="rounded-full!" />
            ) : (
              <IconButton key="send" type="submit" look="primary" label="Send" icon={ArrowUp} busy={sending} aria-disabled={empty || sending || undefined} className="rounded-full!" />
            )}
          </span>
        </div>
        {over && <p className="pointer-events-none absolute inset-0 flex items-center justify-center rounded-2xl bg-accent-tint text-sm font-medium text-accent">Drop to attach</p>}
      </div>
    </form>
  );
}

// useGrow makes the field as high as its text.
function useGrow(field: React.RefObject<HTMLTextAreaElement | null>, text: string): void {
  useLayoutEffect(() => {
    const f = field.current;
    if (!f) return;
    f.style.height = "auto";
    f.style.height = `${f.scrollHeight}px`;
  }, [field, text]);
}
