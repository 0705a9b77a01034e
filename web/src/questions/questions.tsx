import { type ReactNode, useId, useMemo, useRef, useState } from "react";
import { from, isRecord, parse, type Value, write } from "../lib/json";
import { label, visible, webURL } from "../lib/text";
import { asSchema, initial, type Schema } from "../schema/model";
import { SchemaForm } from "../schema/schema-form";
import { validate, type Wrong } from "../schema/validate";
import { Button, buttonClass } from "../ui/button";
import { Banner } from "../ui/feedback";

interface Question {
  id: string;
  message: string;
  schema: Schema;
  url: string;
}

// A request is the question of an MCP server: an elicitation, bare or with its method.
function questionsOf(requests: unknown): Question[] {
  if (typeof requests !== "object" || requests === null) return [];
  return Object.entries(requests).map(([id, request]) => {
    const r = (request ?? {}) as Record<string, unknown>;
    const p = (typeof r.params === "object" && r.params !== null ? r.params : r) as Record<string, unknown>;
    return { id, message: typeof p.message === "string" ? p.message : "", schema: asSchema(p.requestedSchema), url: p.mode === "url" && typeof p.url === "string" ? p.url : "" };
  });
}

const secretive = /passw|secret|token|api.?key|credit|cvv|\bpin\b/i;

const asksSecret = (q: Question): boolean => Object.entries(q.schema.properties ?? {}).some(([name, p]) => secretive.test(`${name} ${p.title ?? ""}`));

export type Reply = "accept" | "decline" | "cancel";

interface Props {
  requests: unknown;
  server: string;
  /** host is where an answer goes, when it is known. */
  host?: string;
  busy?: Reply | "";
  /** contents is JSON: what the form of each question holds, by its key. */
  onAnswer: (action: Reply, contents: string) => void;
  /** draft keeps what is typed until it is sent. */
  draft?: { read: () => string | null; write: (json: string) => void };
  /** cancel is the word on the button that ends the call. */
  cancel?: string;
  children?: ReactNode;
}

function begin(questions: Question[], draft: Props["draft"]): Record<string, Value | undefined> {
  const kept = draft?.read();
  try {
    const value = kept ? parse(kept) : null;
    if (isRecord(value)) return value;
  } catch {
    // of another version: begin anew
  }
  return Object.fromEntries(questions.map((q) => [q.id, initial(q.schema, q.schema)]));
}

/** Questions is what a server asks before it goes on. */
export function Questions({ requests, server, host, busy = "", onAnswer, draft, cancel = "Cancel the call", children }: Props) {
  const questions = useMemo(() => questionsOf(requests), [requests]);
  const [values, setValues] = useState<Record<string, Value | undefined>>(() => begin(questions, draft));
  const [wrong, setWrong] = useState<Record<string, Wrong[]>>({});
  const form = useRef<HTMLElement>(null);
  const prefix = useId();
  const change = (id: string, v: Value | undefined) => {
    const next = { ...values, [id]: v };
    setValues(next);
    if (!questions.some(asksSecret)) draft?.write(write(next as Value)); // a secret is kept nowhere
  };
  const send = () => {
    const found = Object.fromEntries(questions.map((q) => [q.id, q.url ? [] : validate({ type: "object", ...q.schema }, q.schema, values[q.id] ?? from({}))]));
    setWrong(found);
    if (Object.values(found).some((w) => w.length > 0)) {
      queueMicrotask(() => form.current?.querySelector<HTMLElement>("[aria-invalid]")?.focus());
      return;
    }
    const contents = Object.fromEntries(questions.filter((q) => !q.url).map((q): [string, Value] => [q.id, isRecord(values[q.id]) ? (values[q.id] as Value) : {}]));
    onAnswer("accept", write(contents));
  };
  const left = Object.values(wrong).flat().length;
  const onlyURL = questions.every((q) => q.url !== "");
  return (
    <section ref={form} aria-label={`${server} asks for information`} className="flex flex-col gap-4 rounded-xl border border-busy bg-busy-tint p-4">
      <h3 className="font-medium">{server} asks for information</h3>
      {questions.map((q) => (
        <div key={q.id} className="flex flex-col gap-3">
          <p className="foreign whitespace-pre-wrap text-sm">{visible(q.message.slice(0, 5000))}</p>
          {asksSecret(q) && (
            <Banner tone="warning">This server should not ask for passwords or keys here.</Banner>
          )}
          {q.url ? (
            <Consent url={q.url} />
          ) : (
            <SchemaForm schema={q.schema} root={q.schema} value={values[q.id]} onChange={(v) => change(q.id, v)} wrong={wrong[q.id] ?? []} prefix={`${prefix}-${q.id}`} />
          )}
        </div>
      ))}
      {left > 0 && (
        <Banner tone="error" alert>
          {left === 1 ? "One field is not right yet." : `${left} fields are not right yet.`}
        </Banner>
      )}
      <div className="flex flex-wrap items-center gap-2">
        <Button look="primary" busy={busy === "accept"} onClick={send}>
          {onlyURL ? "I have done it" : "Send"}
        </Button>
        <Button busy={busy === "decline"} onClick={() => onAnswer("decline", "{}")}>
          Decline
        </Button>
        <Button look="quiet" busy={busy === "cancel"} onClick={() => onAnswer("cancel", "{}")}>
          {cancel}
        </Button>
        <span className="foreign text-sm text-muted">
          Sent to {server}
          {host && ` (${host})`}.
        </span>
        {children}
      </div>
    </section>
  );
}

// Consent shows the whole address before anything is opened.
function Consent({ url }: { url: string }) {
  const safe = webURL(url);
  if (!safe) return <p className="text-sm">The address that it wants opened does not lead to the web, so it is not offered.</p>;
  const { host } = new URL(safe);
  const [before, after] = [safe.slice(0, safe.indexOf(host)), safe.slice(safe.indexOf(host) + host.length)];
  return (
    <div className="flex flex-col gap-2 text-sm">
      <p className="foreign break-all font-mono">
        {before}
        <strong>{host}</strong>
        {after}
      </p>
      {host.includes("xn--") && <Banner tone="warning">The host's name is written with characters of another script. It may only look like one you know.</Banner>}
      <p>
        <a href={safe} target="_blank" rel="noopener noreferrer" className={buttonClass()}>
          Open {label(host, 80)}
        </a>
      </p>
    </div>
  );
}
