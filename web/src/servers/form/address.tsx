import { useSuspenseQuery } from "@tanstack/react-query";
import { me } from "../../api/me";
import { TextField } from "../../ui/field";
import { AreaField, SelectField } from "../../ui/field-more";
import { Panel } from "../../ui/page";
import { type Kind, isRemote } from "./draft";
import { Pairs } from "./parts";
import { PasteButton } from "./paste-dialog";
import { TestConnection } from "./test-connection";
import type { ServerDraft } from "./use-server-draft";

const kinds: [Kind, string][] = [
  ["streamable-http", "Streamable HTTP (most servers)"],
  ["sse", "SSE (older servers)"],
  ["websocket", "WebSocket"],
  ["stdio", "Program on this machine (stdio)"],
];

/** Address is where the server is, and whether it answers. */
export function Address({ state }: { state: ServerDraft }) {
  const { draft, put, wrong } = state;
  const { data: user } = useSuspenseQuery(me);
  const offered = kinds.filter(([kind]) => kind !== "stdio" || user.role === "ADMIN" || draft.type === "stdio");
  return (
    <Panel title="1. Address" lead="Where the server is." actions={!state.edited && <PasteButton draft={draft} onPaste={(pasted) => put(pasted)} />}>
      <div className="flex flex-col gap-4">
        <SelectField label="Transport" name="type" value={draft.type} wrong={wrong.type} onChange={(e) => put({ type: e.target.value as Kind })}>
          {offered.map(([kind, word]) => (
            <option key={kind} value={kind}>
              {word}
            </option>
          ))}
        </SelectField>
        {isRemote(draft) ? (
          <>
            <TextField
              label="URL"
              name="url"
              required
              autoFocus={!state.edited}
              inputMode="url"
              autoComplete="off"
              spellCheck={false}
              maxLength={4000}
              placeholder={draft.type === "websocket" ? "wss://mcp.example.com/mcp" : "https://mcp.example.com/mcp"}
              value={draft.url}
              onChange={(e) => put({ url: e.target.value })}
              wrong={wrong.url}
              help={
                <>
                  <code>{"{{NAME}}"}</code> stands for a variable that each person gives for themselves.
                </>
              }
            />
            <Pairs title="Headers" one="Header" prefix="headers" pairs={draft.headers} wrong={wrong} onChange={(headers) => put({ headers })} />
          </>
        ) : (
          <>
            <TextField
              label="Command"
              name="command"
              required
              autoComplete="off"
              spellCheck={false}
              value={draft.command}
              onChange={(e) => put({ command: e.target.value })}
              wrong={wrong.command}
              help={
                <>
                  Runs on the machine of patchbay, without a shell. Only administrators may add one, where <code>mcpSettings.allowStdioFromApi</code> allows it.
                </>
              }
            />
            <AreaField label="Arguments" name="args" optional mono rows={3} spellCheck={false} value={draft.args} onChange={(e) => put({ args: e.target.value })} wrong={wrong.args} help="One on a line." />
            <Pairs title="Environment" one="Variable" prefix="env" pairs={draft.env} wrong={wrong} onChange={(env) => put({ env })} />
          </>
        )}
        <TestConnection state={state} />
      </div>
    </Panel>
  );
}
