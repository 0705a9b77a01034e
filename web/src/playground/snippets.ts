import { urlOf } from "../api/client";

const quote = (s: string): string => `'${s.replaceAll("'", "'\\''")}'`;

/** asCurl is the call as a shell command. The token is a variable: no secret gets on the clipboard. */
export function asCurl(server: string, tool: string, args: string): string {
  const url = location.origin + urlOf("callTool", { path: { serverName: server, toolName: tool }, body: {} });
  return [
    `curl -sS -X POST ${quote(url)}`,
    `  -H "Authorization: Bearer $PATCHBAY_TOKEN"`,
    `  -H 'Content-Type: application/json'`,
    `  --data ${quote(`{"arguments":${args}}`)}`,
  ].join(" \\\n");
}

/** asJSONRPC is what goes to the MCP server. */
export function asJSONRPC(tool: string, args: string): string {
  return `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":${JSON.stringify(tool)},"arguments":${args}}}`;
}
