// What component tests share: a page around a part, answers of the API, and axe.
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { createMemoryHistory, createRootRoute, createRoute, createRouter, RouterProvider } from "@tanstack/react-router";
import { configure, render } from "@testing-library/react";
import axe from "axe-core";
import type { ReactNode } from "react";
import { expect, vi } from "vitest";
import "../api/all";
import type { ServerView, ToolView } from "../api/schema";

// A machine that does other things at the same time takes more than the second of default.
configure({ asyncUtilTimeout: 10_000 });

/** Answers are what the API says, by method and path without its query. */
export type Answers = Record<string, unknown>;

/** answer makes fetch give these answers, and returns what was asked. */
export function answer(answers: Answers) {
  const asked: { what: string; body: unknown; headers: Record<string, string> }[] = [];
  vi.stubGlobal("fetch", (input: string, init: RequestInit = {}) => {
    const url = new URL(input, "http://localhost");
    const what = `${init.method ?? "GET"} ${url.pathname}`;
    asked.push({ what, body: typeof init.body === "string" ? (JSON.parse(init.body) as unknown) : undefined, headers: (init.headers ?? {}) as Record<string, string> });
    const found = answers[`${what}${url.search}`] ?? answers[what];
    if (found instanceof Response) return Promise.resolve(found.clone());
    const status = found === undefined ? 404 : 200;
    return Promise.resolve(new Response(JSON.stringify(found ?? { error: `No answer to ${what}.`, code: "not_found" }), { status, headers: { "Content-Type": "application/json" } }));
  });
  return asked;
}

/** show renders a part at an address of a page. */
export function show(part: ReactNode, { at = "/", paths = ["/"] }: { at?: string; paths?: string[] } = {}) {
  const cache = new QueryClient({ defaultOptions: { queries: { retry: false, staleTime: 60_000 } } });
  const root = createRootRoute();
  const shell = createRoute({ getParentRoute: () => root, id: "shell" });
  const pages = paths.map((path) => createRoute({ getParentRoute: () => shell, path, component: () => part }));
  const router = createRouter({ routeTree: root.addChildren([shell.addChildren(pages)]), history: createMemoryHistory({ initialEntries: [at] }), defaultNotFoundComponent: () => <p>elsewhere</p> });
  const view = render(
    <QueryClientProvider client={cache}>
      <RouterProvider router={router as never} />
    </QueryClientProvider>,
  );
  return { ...view, cache, router };
}

/** clean expects that axe finds nothing. Colours are for a browser to judge. */
export async function clean(): Promise<void> {
  const { violations } = await axe.run(document.body, { rules: { "color-contrast": { enabled: false }, region: { enabled: false }, "page-has-heading-one": { enabled: false } } });
  expect(violations.map((v) => `${v.id}: ${v.nodes.map((n) => n.html).join(" ")}`)).toEqual([]);
}

/** wide makes media queries of narrow windows fail, or hold. */
export function narrow(is: boolean): void {
  vi.stubGlobal("matchMedia", (query: string) => ({ matches: is && query.includes("max-width"), media: query, addEventListener: () => undefined, removeEventListener: () => undefined }));
}

export function server(name: string, more: Partial<ServerView> = {}): ServerView {
  return {
    name, title: name[0]?.toUpperCase() + name.slice(1), description: "", type: "stdio", icon: null, author: null, chatMenu: true, source: "yaml", requiresOAuth: false,
    permissions: ["VIEW", "USE"], status: "connected", action: "configure", reason: "", message: "Connected.", since: null, toolCount: 3, protocolVersion: "2025-11-25", createdAt: null, updatedAt: null,
    ...more,
  };
}

export function tool(serverName: string, name: string, more: Partial<ToolView> = {}): ToolView {
  return { name, serverName, key: `${name}_mcp_${serverName}`, title: "", description: `Does ${name}.`, inputSchema: {}, outputSchema: null, annotations: null, stale: false, ...more };
}

export const list = <T,>(data: T[]) => ({ data, has_more: false, after: null });

/** named is an accessible name, however jsdom joins its parts. */
export const named = (name: string): RegExp => new RegExp(`^${name.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&").replaceAll(/\s+/g, "\\s*")}$`);
