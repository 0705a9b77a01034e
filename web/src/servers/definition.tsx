import type { ServerView } from "../api/schema";
import { duration } from "../lib/format";
import { visible } from "../lib/text";

type Fact = [name: string, value: string];

function pairs(name: string, map: Record<string, string> | undefined): Fact[] {
  return Object.entries(map ?? {}).map(([k, v]) => [`${name}.${k}`, v]);
}

// factsOf lists the definition in the words of the configuration file.
function factsOf(s: ServerView): Fact[] {
  const facts: [string, unknown][] = [
    ["type", s.type],
    ["command", s.command],
    ["args", s.args?.map((a) => JSON.stringify(a)).join(" ")],
    ["cwd", s.cwd],
    ["stderr", s.stderr],
    ["url", s.url],
    ["proxy", s.proxy],
    ...pairs("env", s.env),
    ...pairs("headers", s.headers),
    ...pairs("requestHeaders", s.requestHeaders),
    ["timeout", s.timeout && duration(s.timeout)],
    ["initTimeout", s.initTimeout && duration(s.initTimeout)],
    ["sseReadTimeout", s.sseReadTimeout && duration(s.sseReadTimeout)],
    ["startup", s.startup],
    ["chatMenu", s.chatMenu],
    ["serverInstructions", s.serverInstructions],
    ["level", s.level],
    ...Object.entries(s.oauth ?? {}).map(([k, v]): [string, unknown] => [`oauth.${k}`, Array.isArray(v) ? v.join(" ") : v]),
    ...pairs("oauth_headers", s.oauth_headers),
    ...Object.entries(s.apiKey ?? {}).map(([k, v]): [string, unknown] => [`apiKey.${k}`, v]),
  ];
  return facts.filter(([, v]) => v !== undefined && v !== "" && v !== 0).map(([k, v]) => [k, String(v)]);
}

/** Definition shows how a server is reached. Secrets read “set”. */
export function Definition({ server }: { server: ServerView }) {
  return (
    <>
      <p className="mb-3 text-sm text-muted">
        {server.source === "yaml" ? "Defined in the configuration file, and changed there only." : "Made by a person."} Literal secrets read “set”; placeholders are
        shown as written.
      </p>
      <dl className="divide-y divide-line">
        {factsOf(server).map(([name, value]) => (
          <div key={name} className="grid gap-x-4 py-2 md:grid-cols-[14rem_1fr]">
            <dt className="font-mono text-sm text-muted">{visible(name)}</dt>
            <dd className="foreign whitespace-pre-wrap font-mono text-sm">{visible(value)}</dd>
          </div>
        ))}
      </dl>
    </>
  );
}
