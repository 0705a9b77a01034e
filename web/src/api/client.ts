// The one module that fetches. Everything else asks by the name of an operation.
import { base } from "../lib/base";
import { APIError } from "./errors";
import { type Operations, openRoutes } from "./schema";

type Name = keyof Operations;

/** Input is what an operation takes; members that it has not got may be left out. */
export type Input<N extends Name> = {
  [K in "path" | "query" | "body" as Operations[N][K] extends undefined ? never : K]: Operations[N][K];
};

type Loose = { path?: Record<string, string>; query?: Record<string, unknown>; body?: unknown };

let table = openRoutes;

/** know adds operations: those that are only needed once somebody is signed in. */
export function know(more: typeof openRoutes): void {
  table = { ...table, ...more };
}

function placeOf(name: Name): readonly [string, string] {
  const place = table[name];
  if (!place) throw new Error(`${name} is asked for before its address is known: import ../api/all first`);
  return place;
}

const listeners = new Set<() => void>();

/** onSignedOut is told when patchbay does not know us any more. */
export function onSignedOut(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function signedOut(): void {
  for (const listener of listeners) listener();
}

/** urlOf returns the address of an operation, relative to this origin. */
export function urlOf<N extends Name>(name: N, input: Input<N>): string {
  const { path = {}, query = {} } = input as Loose;
  const filled = placeOf(name)[1].replaceAll(/\{(\w+)\}/g, (_, key: string) => encodeURIComponent(path[key] ?? ""));
  const search = new URLSearchParams();
  for (const [key, value] of Object.entries(query)) {
    if (value === undefined || value === "") continue;
    for (const one of Array.isArray(value) ? value : [value]) search.append(key, String(one));
  }
  const text = search.toString();
  return base + filled + (text ? `?${text}` : "");
}

/** call runs an operation and returns its result. It throws an APIError. */
export async function call<N extends Name>(name: N, input: Input<N>, signal?: AbortSignal, headers?: Record<string, string>): Promise<Operations[N]["result"]> {
  const { body } = input as Loose;
  const response = await send(name, input, body === undefined ? undefined : JSON.stringify(body), "application/json", signal, headers);
  if (response.status === 204) return undefined as Operations[N]["result"];
  try {
    return (await response.json()) as Operations[N]["result"];
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new APIError(0, {});
  }
}

/** send runs an operation with a body that is written already, JSON unless headers say else, and returns its open answer. */
export async function send<N extends Name>(
  name: N,
  input: Input<N> | Omit<Input<N>, "body">,
  body: string | Blob | undefined,
  accept: string,
  signal?: AbortSignal,
  headers: Record<string, string> = {},
): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(urlOf(name, input as Input<N>), {
      method: placeOf(name)[0],
      headers: { Accept: accept, ...(body === undefined ? {} : { "Content-Type": "application/json" }), ...headers },
      body,
      signal,
      credentials: "same-origin",
    });
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new APIError(0, {});
  }
  if (response.ok) return response;
  const answer = (await response.json().catch(() => ({}))) as Record<string, unknown>;
  const error = new APIError(response.status, answer, Number(response.headers.get("Retry-After")) || 0);
  // Who asks for these two finds out and goes on by itself.
  if (error.code === "unauthenticated" && name !== "login" && name !== "getUser") signedOut();
  throw error;
}
