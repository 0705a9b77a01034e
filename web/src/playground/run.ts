// One tool call as the playground makes it: streamed, so that progress shows and closing
// the connection cancels.
import { send } from "../api/client";
import { APIError } from "../api/errors";
import { type Message, read } from "../events/sse";

export interface Progress {
  progress: number;
  total?: number;
  message?: string;
}

export interface LogLine {
  level: string;
  text: string;
}

export type Result = { kind: "result"; raw: string } | { kind: "error"; error: APIError } | { kind: "question"; questions: unknown; resume: string } | { kind: "cancelled" };

export interface Watch {
  onProgress: (p: Progress) => void;
  onLog: (l: LogLine) => void;
}

/** Continue goes on with a call that ended in a question. */
export interface Continue {
  resume: string;
  answers: string; // JSON
}

/** callTool runs a tool. args is JSON, and sent as it is written. */
export async function callTool(server: string, tool: string, args: string, watch: Watch, signal: AbortSignal, more?: Continue): Promise<Result> {
  const parts = [`"arguments":${args}`];
  if (more) parts.push(`"resume":${JSON.stringify(more.resume)}`, `"answers":${more.answers}`);
  let result: Result | null = null;
  try {
    const input = { path: { serverName: server, toolName: tool } };
    const response = await send("callTool", input, `{${parts.join(",")}}`, "text/event-stream, application/json", signal);
    await read(response, (message) => {
      result = take(message, watch) ?? result;
    });
  } catch (error) {
    if (signal.aborted) return { kind: "cancelled" };
    return failed(error instanceof APIError ? error : new APIError(0, {}));
  }
  return result ?? { kind: "error", error: new APIError(0, { error: "The connection ended before the result came. What became of the call is not known.", code: "unknown" }) };
}

function take(message: Message, watch: Watch): Result | null {
  if (message.event === "result") return { kind: "result", raw: message.data };
  const data = decode(message.data);
  switch (message.event) {
    case "progress":
      watch.onProgress({ progress: Number(data.progress) || 0, total: typeof data.total === "number" ? data.total : undefined, message: text(data.message) });
      return null;
    case "log":
      watch.onLog({ level: text(data.level) ?? "info", text: text(data.data) ?? JSON.stringify(data.data) });
      return null;
    case "dropped":
      watch.onLog({ level: "notice", text: `${String(data.notes)} notes were left out: there were too many.` });
      return null;
    case "error":
      return failed(new APIError(Number(data.status) || 500, data, Number(data.retryAfter) || 0));
  }
  return null;
}

function failed(error: APIError): Result {
  if (error.code === "input_required" && typeof error.detail.resume === "string") {
    return { kind: "question", questions: error.detail.questions, resume: error.detail.resume };
  }
  return { kind: "error", error };
}

const text = (v: unknown): string | undefined => (typeof v === "string" ? v : undefined);

function decode(data: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(data);
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}
