import type { FieldError } from "./schema";

// APIError is an answer of ours that is not a success, or the want of an answer (status 0).
export class APIError extends Error {
  readonly status: number;
  readonly code: string;
  readonly fields: FieldError[];
  readonly retryAfter: number; // seconds; 0: not said
  readonly detail: Record<string, unknown>;

  constructor(status: number, body: Record<string, unknown>, retryAfter = 0) {
    super(typeof body.error === "string" && body.error !== "" ? body.error : sentence(status));
    this.name = "APIError";
    this.status = status;
    this.code = typeof body.code === "string" ? body.code : status === 0 ? "offline" : "internal";
    this.fields = Array.isArray(body.fields) ? (body.fields as FieldError[]) : [];
    this.retryAfter = retryAfter;
    this.detail = body;
  }
}

function sentence(status: number): string {
  if (status === 0) return "No answer from patchbay. Is it running, and are you online?";
  return `patchbay answered with HTTP ${status} and no reason.`;
}

export function messageOf(error: unknown): string {
  if (error instanceof APIError) return error.message;
  return error instanceof Error ? error.message : "Something went wrong.";
}

export function isCode(error: unknown, code: string): boolean {
  return error instanceof APIError && error.code === code;
}
