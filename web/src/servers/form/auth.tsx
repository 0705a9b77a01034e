import { base } from "../../lib/base";
import { CopyButton } from "../../ui/copy-button";
import { SecretField, TextField } from "../../ui/field";
import { SelectField } from "../../ui/field-more";
import { Panel } from "../../ui/page";
import { type Draft, isRemote } from "./draft";
import { Choice } from "./parts";
import type { ServerDraft } from "./use-server-draft";

const keep = "Set · Leave empty to keep";

/** Authentication is how the server knows who calls. */
export function Authentication({ state }: { state: ServerDraft }) {
  const { draft, put } = state;
  const ways: [Draft["auth"], string, string][] = [["none", "None", "The server asks for nothing, or for what the headers above hold."]];
  if (isRemote(draft)) ways.push(["key", "API key", "A key that goes with every request."]);
  ways.push(["oauth", "OAuth", "Each person signs in for themselves."]);
  return (
    <Panel title="2. Authentication" lead="The test above finds out whether people sign in.">
      <div className="flex flex-col gap-4">
        <Choice legend="What the server asks for" name="auth" value={draft.auth === "key" && !isRemote(draft) ? "none" : draft.auth} onChange={(auth) => put({ auth })} options={ways} />
        {draft.auth === "key" && isRemote(draft) && <Key state={state} />}
        {draft.auth === "oauth" && <OAuth state={state} />}
      </div>
    </Panel>
  );
}

function Key({ state }: { state: ServerDraft }) {
  const { draft, put, wrong } = state;
  return (
    <div className="flex flex-col gap-4 border-t border-line pt-4">
      <Choice
        legend="Whose key"
        name="keyOf"
        value={draft.keyOf}
        onChange={(keyOf) => put({ keyOf, key: "" })}
        options={[
          ["all", "One key for everybody", "You give it here. Nobody reads it again."],
          ["each", "Each person's own", "patchbay asks everybody for theirs before it connects."],
        ]}
      />
      <div className="grid gap-4 md:grid-cols-2">
        <SelectField label="How it is sent" name="keyAs" value={draft.keyAs} onChange={(e) => put({ keyAs: e.target.value as Draft["keyAs"] })}>
          <option value="bearer">Authorization: Bearer</option>
          <option value="basic">Authorization: Basic</option>
          <option value="custom">In a header of its own</option>
        </SelectField>
        {draft.keyAs === "custom" && (
          <TextField label="Name of the header" name="keyHeader" value={draft.keyHeader} placeholder="X-Api-Key" autoComplete="off" spellCheck={false} onChange={(e) => put({ keyHeader: e.target.value })} wrong={wrong.keyHeader} />
        )}
        {draft.keyOf === "all" && (
          <SecretField label="Key" name="key" value={draft.key} autoComplete="off" data-1p-ignore="" onChange={(e) => put({ key: e.target.value })} help={draft.keyKept ? keep : undefined} wrong={wrong.key} />
        )}
      </div>
    </div>
  );
}

function OAuth({ state }: { state: ServerDraft }) {
  const { draft, put, wrong } = state;
  const redirect = state.name && `${location.origin}${base}/api/mcp/${encodeURIComponent(state.name)}/oauth/callback`;
  return (
    <div className="flex flex-col gap-4 border-t border-line pt-4">
      <div className="flex flex-col gap-1">
        <p id="redirect" className="text-sm font-medium">
          Redirect URI
        </p>
        {redirect ? (
          <div className="flex items-center gap-2">
            <code aria-labelledby="redirect" role="note" className="foreign min-w-0 flex-1 rounded-lg bg-sunken px-3 py-2 font-mono text-sm">
              {redirect}
            </code>
            <CopyButton bare text={redirect} label="Copy the redirect URI" />
          </div>
        ) : (
          <p className="text-sm">
            Give the server a title below: this address has its name in it.
          </p>
        )}
        <p className="text-sm text-muted">Register it where you register a client by hand. Many servers need no client: leave the fields empty, and patchbay finds out.</p>
      </div>
      <div className="grid gap-4 md:grid-cols-2">
        <TextField label="Client ID" name="clientId" optional value={draft.clientId} autoComplete="off" spellCheck={false} onChange={(e) => put({ clientId: e.target.value })} wrong={wrong.clientId} />
        <SecretField label="Client secret" name="clientSecret" optional value={draft.clientSecret} autoComplete="off" data-1p-ignore="" onChange={(e) => put({ clientSecret: e.target.value })} help={draft.secretKept ? keep : undefined} wrong={wrong.clientSecret} />
        <TextField label="Authorization URL" name="authorizeURL" optional inputMode="url" value={draft.authorizeURL} autoComplete="off" spellCheck={false} onChange={(e) => put({ authorizeURL: e.target.value })} help="With a secret, both URLs must be given." wrong={wrong.authorizeURL} />
        <TextField label="Token URL" name="tokenURL" optional inputMode="url" value={draft.tokenURL} autoComplete="off" spellCheck={false} onChange={(e) => put({ tokenURL: e.target.value })} wrong={wrong.tokenURL} />
        <TextField label="Scopes" name="scope" optional value={draft.scope} autoComplete="off" spellCheck={false} onChange={(e) => put({ scope: e.target.value })} help="With spaces between them." wrong={wrong.scope} />
      </div>
    </div>
  );
}
