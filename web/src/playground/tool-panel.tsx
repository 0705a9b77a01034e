import { Play, Square } from "lucide-react";
import { type KeyboardEvent, useEffect, useMemo, useRef, useState } from "react";
import type { ServerView, ToolView } from "../api/schema";
import { duration } from "../lib/format";
import { from, isJSON, isRecord, parse, type Value, write } from "../lib/json";
import { label, visible } from "../lib/text";
import { asSchema, initial } from "../schema/model";
import { SchemaForm } from "../schema/schema-form";
import { validate, type Wrong } from "../schema/validate";
import { Questions, type Reply } from "../questions/questions";
import { ToolBadges } from "../servers/tool-badges";
import { Button } from "../ui/button";
import { CopyButton } from "../ui/copy-button";
import { Banner } from "../ui/feedback";
import { FoldedText } from "../ui/folded-text";
import { AreaField } from "../ui/field-more";
import { Panel } from "../ui/page";
import { useHistory } from "./history";
import { Past } from "./past";
import { ResultView } from "./result-view";
import { asCurl, asJSONRPC } from "./snippets";
import { type Running, useRun } from "./use-run";

/** ToolPanel is one tool: its arguments, its run, its result. */
export function ToolPanel({ server, tool }: { server: ServerView; tool: ToolView }) {
  const schema = useMemo(() => ({ type: "object", ...asSchema(tool.inputSchema) }), [tool.inputSchema]);
  const [value, setValue] = useState<Value>(() => initial(schema, schema) ?? {});
  const [json, setJSON] = useState<string | null>(null); // what is typed in JSON mode
  const [wrong, setWrong] = useState<Wrong[]>([]);
  const { state, run, cancel, show } = useRun(server.name, tool.name);
  const history = useHistory(server.name, tool.name);
  const form = useRef<HTMLFormElement>(null);
  const title = label(tool.title || tool.name);
  const running = state.phase === "running";
  const args = () => (json === null ? write(value) : json.trim() || "{}");
  const start = () => {
    if (running) return;
    const found = json === null ? validate(schema, schema, value) : checkJSON(json);
    setWrong(found);
    if (found.length === 0) return run(args());
    queueMicrotask(() => form.current?.querySelector<HTMLElement>("[aria-invalid]")?.focus());
  };
  const mode = (next: "form" | "json") => {
    setWrong([]);
    if (next === "json") return setJSON(write(value, 2));
    const text = json?.trim() || "{}";
    const found = checkJSON(text);
    if (found.length > 0) return setWrong(found);
    setValue(parse(text));
    setJSON(null);
  };
  const keys = (e: KeyboardEvent) => {
    if (e.key === "Enter" && (e.ctrlKey || e.metaKey)) {
      e.preventDefault();
      start();
    }
  };
  const fields = Object.keys(schema.properties ?? {}).length;
  return (
    <div className="flex min-w-0 flex-col gap-5">
      <Panel title={title} lead={<FoldedText text={tool.description} what={title} />} actions={<ToolBadges annotations={tool.annotations} stale={tool.stale} />}>
        {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-element-interactions -- Ctrl+Enter runs from every field */}
        <form
          ref={form}
          noValidate
          onKeyDown={keys}
          onSubmit={(e) => {
            e.preventDefault();
            start();
          }}
          className="flex flex-col gap-4"
        >
          <Mode json={json !== null} onChange={mode} />
          {json === null ? (
            fields > 0 ? (
              <SchemaForm schema={schema} root={schema} value={value} onChange={(v) => setValue(v ?? {})} wrong={wrong} prefix="argument" />
            ) : (
              <p className="text-sm text-muted">This tool takes no arguments.</p>
            )
          ) : (
            <AreaField label="Arguments as JSON" mono rows={10} spellCheck={false} value={json} onChange={(e) => setJSON(e.target.value)} wrong={wrong[0]?.message} />
          )}
          {json === null && wrong.length > 0 && (
            <Banner tone="error" alert>
              {wrong.length === 1 ? "One field is not right yet." : `${wrong.length} fields are not right yet.`}
            </Banner>
          )}
          <div className="flex flex-wrap items-center gap-2">
            {running ? (
              <Button key="cancel" icon={Square} look="danger" onClick={cancel}>
                Cancel
              </Button>
            ) : (
              <Button key="run" type="submit" look="primary" icon={Play}>
                Run
              </Button>
            )}
            <CopyButton text={() => asCurl(server.name, tool.name, args())} label="Copy as curl" />
            <CopyButton text={() => asJSONRPC(tool.name, args())} label="Copy as JSON-RPC" />
            <span className="text-sm text-muted max-md:hidden">
              <kbd className="rounded border border-line px-1.5">Ctrl</kbd> + <kbd className="rounded border border-line px-1.5">Enter</kbd> runs
            </span>
          </div>
        </form>
      </Panel>
      <Outcome state={state} server={label(server.title)} tool={title} run={run} cancel={() => show(state.args, { kind: "cancelled" }, state.took)} />
      <Past
        entries={history}
        onPick={(e) => {
          const past = isJSON(e.args) ? parse(e.args) : {};
          setValue(past);
          setJSON(json === null ? null : write(past, 2));
          setWrong([]);
          show(e.args, e.result, e.took);
        }}
      />
    </div>
  );
}

function checkJSON(text: string): Wrong[] {
  try {
    if (!isRecord(from(JSON.parse(text.trim() || "{}")))) return [{ path: "", message: "The arguments are an object: { … }" }];
    return [];
  } catch (error) {
    return [{ path: "", message: `This is not valid JSON. ${error instanceof Error ? error.message : ""}` }];
  }
}

function Mode({ json, onChange }: { json: boolean; onChange: (mode: "form" | "json") => void }) {
  const look = "min-h-9 rounded-md px-3 text-sm aria-pressed:bg-accent-tint aria-pressed:font-medium aria-pressed:text-accent md:min-h-7";
  return (
    <div role="group" aria-label="Arguments as" className="flex w-fit rounded-lg border border-control p-0.5">
      <button type="button" aria-pressed={!json} onClick={() => json && onChange("form")} className={look}>
        Form
      </button>
      <button type="button" aria-pressed={json} onClick={() => !json && onChange("json")} className={look}>
        JSON
      </button>
    </div>
  );
}

type OutcomeProps = { state: Running; server: string; tool: string; run: ReturnType<typeof useRun>["run"]; cancel: () => void };

function Outcome({ state, server, tool, run, cancel }: OutcomeProps) {
  const { result } = state;
  if (state.phase === "idle") return null;
  return (
    <Panel title="Result">
      <div className="flex flex-col gap-3">
        <p role="status" className="sr-only">
          {state.phase === "running" ? `${tool} is running` : result?.kind === "question" ? `${server} asks for information` : `${tool} has ended`}
        </p>
        {state.phase === "running" && <Waiting state={state} />}
        {state.log.length > 0 && (
          <details open={state.phase === "running"} className="text-sm">
            <summary className="w-fit">Log ({state.log.length})</summary>
            <ol className="mt-1 max-h-48 overflow-auto rounded-lg bg-sunken p-2 font-mono text-xs">
              {state.log.map((l, i) => (
                <li key={i} className="foreign">
                  <span className="text-muted">{label(l.level, 20)}</span> {visible(l.text.slice(0, 2000))}
                </li>
              ))}
            </ol>
          </details>
        )}
        {state.phase === "done" && result?.kind === "question" && (
          <Questions
            requests={result.questions}
            server={server}
            onAnswer={(action, contents) => (action === "cancel" ? cancel() : run(state.args, { resume: result.resume, answers: responsesOf(result.questions, action, contents) }))}
          />
        )}
        {state.phase === "done" && result && result.kind !== "question" && <ResultView result={result} tool={tool} took={state.took} />}
      </div>
    </Panel>
  );
}

// responsesOf makes MCP's inputResponses of what the forms hold.
function responsesOf(requests: unknown, action: Reply, contents: string): string {
  const given = parse(contents);
  const ids = typeof requests === "object" && requests !== null ? Object.keys(requests) : [];
  return write(Object.fromEntries(ids.map((id): [string, Value] => [id, { action, content: isRecord(given) ? given[id] : undefined }])));
}

function Waiting({ state }: { state: Running }) {
  const [now, setNow] = useState(() => performance.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(performance.now()), 200);
    return () => clearInterval(timer);
  }, []);
  const p = state.progress;
  const steps = p ? (p.total === undefined ? String(p.progress) : `${p.progress} of ${p.total}`) : "Running";
  return (
    <div className="flex flex-col gap-2">
      <progress aria-label="Progress" {...(p?.total ? { value: p.progress, max: p.total } : {})} />
      <p className="foreign text-sm">
        {steps}
        {p?.message && ` – ${visible(p.message.slice(0, 300))}`} <span className="text-muted">{duration(Math.max(0, now - state.startedAt))}</span>
      </p>
    </div>
  );
}
