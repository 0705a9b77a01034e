// The routes, in one place. What a page shows is in its address, so that it can be linked.
import type { QueryClient } from "@tanstack/react-query";
import { createRootRouteWithContext, createRoute, createRouter, lazyRouteComponent, Outlet, redirect } from "@tanstack/react-router";
import { Login } from "./account/login";
import { isCode } from "./api/errors";
import { me } from "./api/me";
import { base } from "./lib/base";
import { Crashed } from "./shell/trouble";

type Context = { cache: QueryClient };
type Search = Record<string, unknown>;

const text = (v: unknown): string | undefined => (typeof v === "string" && v !== "" ? v : typeof v === "number" ? String(v) : undefined);
const one = <T extends string>(v: unknown, ...of: T[]): T | undefined => of.find((o) => o === v);

const root = createRootRouteWithContext<Context>()({ component: Outlet, notFoundComponent: lazyRouteComponent(() => import("./shell/not-found"), "Nowhere") });

const next = (s: Search): { next?: string } => ({ next: text(s.next) });
const login = createRoute({ getParentRoute: () => root, path: "/login", component: Login, validateSearch: next });
const register = createRoute({
  getParentRoute: () => root,
  path: "/register",
  validateSearch: next,
  component: lazyRouteComponent(() => import("./account/register"), "Register"),
});
const setup = createRoute({ getParentRoute: () => root, path: "/setup", component: lazyRouteComponent(() => import("./account/setup"), "Setup") });

const shell = createRoute({
  getParentRoute: () => root,
  id: "shell",
  validateSearch: (s: Search): { configure?: string } => ({ configure: text(s.configure) }),
  loader: async ({ context, location }) => {
    try {
      await context.cache.ensureQueryData(me);
    } catch (error) {
      if (!isCode(error, "unauthenticated")) throw error;
      throw redirect({ to: "/login", search: { next: base + location.href }, replace: true });
    }
  },
  component: lazyRouteComponent(() => import("./shell/shell"), "Shell"),
});

const home = createRoute({
  getParentRoute: () => shell,
  path: "/",
  beforeLoad: () => {
    throw redirect({ to: "/c/$id", params: { id: "new" }, search: {} });
  },
});

const chat = createRoute({
  getParentRoute: () => shell,
  path: "/c/$id",
  validateSearch: (s: Search): { q?: string; archived?: true; agent?: string } => ({ q: text(s.q), archived: s.archived ? true : undefined, agent: text(s.agent) }),
  component: lazyRouteComponent(() => import("./chat/page"), "ChatPage"),
});

const search = (s: Search): { q?: string } => ({ q: text(s.q) });
const servers = createRoute({
  getParentRoute: () => shell,
  path: "/servers",
  validateSearch: search,
  component: lazyRouteComponent(() => import("./servers/list-page"), "ServersPage"),
});

const server = createRoute({
  getParentRoute: () => shell,
  path: "/servers/$name",
  validateSearch: (s: Search): { tab?: "tools" | "credentials" | "definition" | "check" | "log"; q?: string } => ({ tab: one(s.tab, "tools", "credentials", "definition", "check", "log"), q: text(s.q) }),
  component: lazyRouteComponent(() => import("./servers/server-page"), "ServerPage"),
});

const newServer = createRoute({ getParentRoute: () => shell, path: "/servers/new", component: lazyRouteComponent(() => import("./servers/form/form-page"), "NewServerPage") });
const editServer = createRoute({ getParentRoute: () => shell, path: "/servers/$name/edit", component: lazyRouteComponent(() => import("./servers/form/form-page"), "EditServerPage") });
const shareServer = createRoute({ getParentRoute: () => shell, path: "/servers/$name/share", component: lazyRouteComponent(() => import("./servers/share/share-page"), "SharePage") });

const playground = createRoute({
  getParentRoute: () => shell,
  path: "/playground/{-$server}/{-$tool}",
  component: lazyRouteComponent(() => import("./playground/page"), "PlaygroundPage"),
});

const agents = createRoute({ getParentRoute: () => shell, path: "/agents", validateSearch: search, component: lazyRouteComponent(() => import("./agents/list-page"), "AgentsPage") });
const newAgent = createRoute({ getParentRoute: () => shell, path: "/agents/new", component: lazyRouteComponent(() => import("./agents/builder-page"), "NewAgentPage") });
const agent = createRoute({ getParentRoute: () => shell, path: "/agents/$id", component: lazyRouteComponent(() => import("./agents/builder-page"), "AgentPage") });

const settings = createRoute({
  getParentRoute: () => shell,
  path: "/settings",
  beforeLoad: () => {
    throw redirect({ to: "/settings/security" });
  },
});
const security = createRoute({ getParentRoute: () => shell, path: "/settings/security", component: lazyRouteComponent(() => import("./account/security"), "Security") });
const tokens = createRoute({ getParentRoute: () => shell, path: "/settings/tokens", component: lazyRouteComponent(() => import("./account/tokens"), "Tokens") });
const modelKeys = createRoute({ getParentRoute: () => shell, path: "/settings/keys", component: lazyRouteComponent(() => import("./account/model-keys"), "ModelKeys") });
const approvals = createRoute({ getParentRoute: () => shell, path: "/settings/approvals", component: lazyRouteComponent(() => import("./account/approvals"), "Approvals") });
const appearance = createRoute({ getParentRoute: () => shell, path: "/settings/appearance", component: lazyRouteComponent(() => import("./account/appearance"), "Appearance") });

const adminServers = createRoute({ getParentRoute: () => shell, path: "/admin/servers", validateSearch: search, component: lazyRouteComponent(() => import("./admin/running"), "Running") });
const adminUsers = createRoute({ getParentRoute: () => shell, path: "/admin/users", validateSearch: search, component: lazyRouteComponent(() => import("./admin/people"), "People") });
const adminGroups = createRoute({
  getParentRoute: () => shell,
  path: "/admin/groups",
  validateSearch: (s: Search): { q?: string; group?: string } => ({ q: text(s.q), group: text(s.group) }),
  component: lazyRouteComponent(() => import("./admin/groups"), "Groups"),
});
const adminSystem = createRoute({ getParentRoute: () => shell, path: "/admin/system", component: lazyRouteComponent(() => import("./admin/configuration"), "Configuration") });

const signedIn = createRoute({
  getParentRoute: () => root,
  path: "/oauth/done",
  validateSearch: (s: Search): { serverName?: string } => ({ serverName: text(s.serverName) }),
  component: lazyRouteComponent(() => import("./servers/signed-in"), "SignedIn"),
});

const tree = root.addChildren([
  login,
  register,
  setup,
  signedIn,
  shell.addChildren([home, chat, servers, newServer, server, editServer, shareServer, playground, agents, newAgent, agent, settings, security, tokens, modelKeys, approvals, appearance, adminServers, adminUsers, adminGroups, adminSystem]),
]);

export function makeRouter(cache: QueryClient) {
  return createRouter({
    routeTree: tree,
    basepath: base || "/",
    context: { cache },
    defaultNotFoundComponent: lazyRouteComponent(() => import("./shell/not-found"), "NotFound"),
    defaultErrorComponent: Crashed,
    defaultPreload: "intent",
    defaultPendingMs: 300,
  });
}

declare module "@tanstack/react-router" {
  interface Register {
    router: ReturnType<typeof makeRouter>;
  }
}
