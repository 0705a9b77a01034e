import { useMemo, useState } from "react";
import { isRecord, type Value, write } from "../lib/json";
import { from } from "../lib/json";
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

/** Questions is what a server asks before it goes on. */
export function Questions({ requests, server, onAnswer, onCancel }: { requests: unknown; server: string; onAnswer: (answers: string) => void; onCancel: () => void }) {
  const questions = useMemo(() => questionsOf(requests), [requests]);
  const [values, setValues] = useState<Record<string, Value | undefined>>(() => Object.fromEntries(questions.map((q) => [q.id, initial(q.schema, q.schema)])));
  const [wrong, setWrong] = useState<Record<string, Wrong[]>>({});
  const answer = (action: "accept" | "decline") => {
    const found = action === "accept" ? Object.fromEntries(questions.map((q) => [q.id, q.url ? [] : validate({ type: "object", ...q.schema }, q.schema, values[q.id] ?? from({}))])) : {};
    setWrong(found);
    if (Object.values(found).some((w) => w.length > 0)) return;
    const answers = Object.fromEntries(
      questions.map((q): [string, Value] => [q.id, action === "accept" && !q.url ? { action, content: isRecord(values[q.id]) ? (values[q.id] as Value) : {} } : { action }]),
    );
    onAnswer(write(answers));
  };
  return (
    <section aria-label={`${server} asks for information`} className="flex flex-col gap-4 rounded-xl border border-busy bg-busy-tint p-4">
      <h3 className="font-medium">{server} asks for information</h3>
      {questions.map((q) => (
        <div key={q.id} className="flex flex-col gap-3">
          <p className="foreign whitespace-pre-wrap text-sm">{visible(q.message.slice(0, 5000))}</p>
          {Object.entries(q.schema.properties ?? {}).some(([name, p]) => secretive.test(`${name} ${p.title ?? ""}`)) && (
            <Banner tone="warning">This server should not ask for passwords or keys here.</Banner>
          )}
          {q.url ? (
            <Consent url={q.url} />
          ) : (
            <SchemaForm
              schema={q.schema}
              root={q.schema}
              value={values[q.id]}
              onChange={(v) => setValues((old) => ({ ...old, [q.id]: v }))}
              wrong={wrong[q.id] ?? []}
              prefix={`question-${q.id}`}
            />
          )}
        </div>
      ))}
      <div className="flex flex-wrap items-center gap-2">
        <Button look="primary" onClick={() => answer("accept")}>
          Send
        </Button>
        <Button onClick={() => answer("decline")}>Decline</Button>
        <Button look="quiet" onClick={onCancel}>
          Cancel the call
        </Button>
        <span className="text-sm text-muted">Sent to {server}.</span>
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
