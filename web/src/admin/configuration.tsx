import { useQuery } from "@tanstack/react-query";
import { CircleCheck } from "lucide-react";
import { Link } from "@tanstack/react-router";
import { configState } from "../api/queries";
import type { ConfigState, Finding } from "../api/schema";
import { ago, count, dateTime } from "../lib/format";
import { label, visible } from "../lib/text";
import { CopyButton } from "../ui/copy-button";
import { Badge, Banner, Empty, Failed, Skeleton } from "../ui/feedback";
import { Page, Panel } from "../ui/page";
import { OnlyAdmins } from "./only-admins";

export function Configuration() {
  return (
    <OnlyAdmins title="Configuration">
      <State />
    </OnlyAdmins>
  );
}

function State() {
  const state = useQuery(configState);
  return (
    <Page title="Configuration" lead="What became of the configuration file. Saving the file applies it; nothing needs a restart.">
      {state.isPending && <Skeleton rows={2} what="the configuration" />}
      {state.isError && <Failed error={state.error} retry={() => state.refetch()} what="The configuration's state" />}
      {state.data && <File state={state.data} />}
      {state.data && <Findings findings={state.data.findings ?? []} path={state.data.path} />}
    </Page>
  );
}

function File({ state }: { state: ConfigState }) {
  return (
    <Panel title="File">
      <div className="flex flex-col gap-3">
        {state.ok ? (
          <p className="flex items-center gap-2 text-sm font-medium text-ok">
            <CircleCheck aria-hidden className="size-4.5" />
            In force
          </p>
        ) : (
          <Banner tone="error">
            <p className="font-medium">The file was refused. The configuration before it keeps running.</p>
            {state.message && <p className="foreign whitespace-pre-wrap">{visible(state.message)}</p>}
          </Banner>
        )}
        <dl className="grid gap-x-4 gap-y-2 text-sm md:grid-cols-[8rem_1fr]">
          <dt className="text-muted">File in use</dt>
          <dd className="foreign min-w-0 font-mono">{state.path ? visible(state.path) : "none: the built-in default with the demo server"}</dd>
          {state.why && (
            <>
              <dt className="text-muted">Why this one</dt>
              <dd>{visible(state.why)}</dd>
            </>
          )}
          <dt className="text-muted">Loaded</dt>
          <dd>{state.loadedAt ? `${ago(state.loadedAt)} (${dateTime(state.loadedAt)})` : "not yet"}</dd>
        </dl>
      </div>
    </Panel>
  );
}

type Severity = [word: string, look: string, rank: number];

const severities = new Map<string, Severity>([
  ["error", ["Error", "bg-danger-tint text-danger", 0]],
  ["warning", ["Warning", "bg-key-tint text-key", 1]],
]);
const note: Severity = ["Note", "bg-sunken text-text", 2];
const severityOf = (f: Finding): Severity => severities.get(f.severity) ?? note;

function Findings({ findings, path }: { findings: Finding[]; path: string }) {
  const sorted = [...findings].sort((a, b) => severityOf(a)[2] - severityOf(b)[2] || (a.line ?? 0) - (b.line ?? 0));
  const errors = findings.filter((f) => f.severity === "error").length;
  return (
    <Panel title={`Findings (${findings.length})`} lead={errors > 0 ? `${count(errors, "entry", "entries")} cannot be used. Every other server works.` : undefined}>
      {sorted.length === 0 ? (
        <Empty icon={CircleCheck} title="Nothing to say about the file." />
      ) : (
        <ul className="divide-y divide-line">
          {sorted.map((f, i) => (
            <Row key={i} finding={f} file={path} />
          ))}
        </ul>
      )}
    </Panel>
  );
}

function Row({ finding: f, file }: { finding: Finding; file: string }) {
  const [word, look] = severityOf(f);
  const place = f.line ? `${file}:${f.line}${f.column ? `:${f.column}` : ""}` : "";
  return (
    <li className="flex flex-wrap items-start gap-x-3 gap-y-1 py-3 first:pt-0 last:pb-0">
      <Badge look={look} className="w-18 justify-center">{word}</Badge>
      <div className="min-w-0 flex-1 basis-60">
        <p className="foreign text-sm">{visible(f.message)}</p>
        <p className="flex flex-wrap items-center gap-x-3 text-sm text-muted">
          {f.line ? (
            <span className="font-mono">
              line {f.line}
              {f.column ? `, column ${f.column}` : ""}
            </span>
          ) : null}
          {f.path && <code className="foreign">{visible(f.path)}</code>}
          {f.serverName && (
            <Link to="/servers/$name" params={{ name: f.serverName }}>
              {label(f.serverName)}
            </Link>
          )}
        </p>
      </div>
      {place && <CopyButton bare text={place} label={`Copy the place of finding on line ${f.line}`} />}
    </li>
  );
}
