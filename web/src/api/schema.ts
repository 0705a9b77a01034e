// Derived from the API's description by e2e/ui/api_types_test.go; do not edit.

export interface AccessBody {
  grants?: GrantView[] | null;
  owner?: string;
}

export interface AddUserInputBody {
  email: string;
  name?: string;
  password: string;
  role?: "ADMIN" | "USER";
  username?: string;
}

export interface ApiKeyView {
  authorization_type: string;
  custom_header?: string;
  key?: string;
  source: string;
}

export interface BindOutputBody {
  success: boolean;
}

export interface CallBody {
  _meta?: Record<string, unknown>;
  /** To its questions */
  answers?: Record<string, unknown>;
  /** What the tool's inputSchema asks for */
  arguments?: Record<string, unknown>;
  /** For servers whose definition names it, like the two below */
  conversationId?: string;
  messageId?: string;
  parentMessageId?: string;
  /** Of a 409 input_required */
  resume?: string;
}

export interface CallResult {
  _meta?: Record<string, unknown>;
  content: Record<string, unknown>[] | null;
  /** The tool ran and failed */
  isError?: boolean;
  structuredContent?: unknown;
}

export interface ChangeUserInputBody {
  disabled?: boolean;
  role?: "ADMIN" | "USER";
}

export interface ConfigState {
  findings: Finding[] | null;
  loadedAt: string | null;
  message?: string;
  ok: boolean;
  path: string;
  why?: string;
}

export interface ConnectionOutputBody {
  action: "initialize" | "authenticate" | "configure" | "cancel" | "retry" | "none";
  connectionStatus: "connected" | "disconnected" | "error" | "connecting";
  error: string | null;
  message: string;
  protocolVersion: string;
  reason: string;
  requiresOAuth: boolean;
  serverName: string;
  since: string | null;
  status: "connected" | "initializing" | "oauth_required" | "disconnected" | "error" | "cancelling";
  success: boolean;
  toolCount: number;
}

export interface ConnectionView {
  action: "initialize" | "authenticate" | "configure" | "cancel" | "retry" | "none";
  connectionState: "connected" | "disconnected" | "error" | "connecting";
  error: string | null;
  message: string;
  protocolVersion: string;
  reason: string;
  requiresOAuth: boolean;
  since: string | null;
  status: "connected" | "initializing" | "oauth_required" | "disconnected" | "error" | "cancelling";
  toolCount: number;
}

export interface ConnectionsOutputBody {
  connectionStatus: Record<string, ConnectionView>;
  success: boolean;
}

export interface CreateTokenInputBody {
  /** Without it, never */
  expiresAt?: string;
  name: string;
  /** servers:read, tools:call, vars:write, chat, account, admin; without it, all */
  scopes?: string[] | null;
}

export interface CreateTokenOutputBody {
  createdAt: string | null;
  /** null: never */
  expiresAt: string | null;
  id: string;
  /** null: not yet */
  lastUsedAt: string | null;
  name: string;
  /** Empty: all */
  scopes: string[] | null;
  /** Shown this once */
  token: string;
}

export interface DeletedOutputBody {
  message: string;
  success: boolean;
}

export interface DoneOutputBody {
  success: boolean;
}

export interface ErrorBody {
  /** Stable: codes are added, never renamed */
  code: string;
  /** A sentence that says what to do */
  error: string;
  fields?: FieldError[] | null;
  /** What is wrong with it */
  message?: string;
  /** The first wrong member */
  path?: string;
}

export interface FieldError {
  message: string;
  path: string;
}

export interface Finding {
  column?: number;
  line?: number;
  message: string;
  path?: string;
  serverName?: string;
  severity: "error" | "warning" | "note";
}

export interface FlagsOutputBody {
  /** Which variables are given; never their values */
  authValueFlags: Record<string, boolean>;
  serverName: string;
  success: boolean;
}

export interface GrantView {
  /** Of the user or the group; the name of the role */
  id?: string;
  kind: "user" | "group" | "role" | "everyone";
  /** Of VIEW, USE, EDIT, DELETE, SHARE; each of the others implies VIEW */
  permissions: string[] | null;
}

export interface GroupBody {
  name: string;
}

export interface GroupView {
  createdAt: string | null;
  id: string;
  members: number;
  name: string;
}

export interface LogLineView {
  /** null: not known */
  at: string | null;
  from: "connection" | "server";
  text: string;
}

export interface LoginInputBody {
  email: string;
  password: string;
}

export interface LoginView {
  createdAt: string | null;
  current: boolean;
  expiresAt: string | null;
  id: string;
  ip: string;
  lastUsedAt: string | null;
  userAgent: string;
}

export interface LogoutOutputBody {
  message: string;
}

export interface OauthView {
  audience?: string;
  authorization_url?: string;
  client_id?: string;
  client_secret?: string;
  provider?: string;
  revocation_endpoint?: string;
  scope?: string;
  scopes?: string[] | null;
  token_env?: string;
  token_url?: string;
}

export interface OpenedOutputBody {
  token: string;
  user: UserView;
}

export interface PageGroupView {
  /** Where the next page begins; null on the last */
  after: string | null;
  data: GroupView[] | null;
  has_more: boolean;
}

export interface PageLoginView {
  /** Where the next page begins; null on the last */
  after: string | null;
  data: LoginView[] | null;
  has_more: boolean;
}

export interface PageServerView {
  /** Where the next page begins; null on the last */
  after: string | null;
  data: ServerView[] | null;
  has_more: boolean;
}

export interface PageTokenView {
  /** Where the next page begins; null on the last */
  after: string | null;
  data: TokenView[] | null;
  has_more: boolean;
}

export interface PageUserView {
  /** Where the next page begins; null on the last */
  after: string | null;
  data: UserView[] | null;
  has_more: boolean;
}

export interface PasswordInputBody {
  currentPassword: string;
  newPassword: string;
}

export interface PeopleOutputBody {
  data: PersonView[] | null;
}

export interface PersonView {
  email: string;
  id: string;
  name: string;
}

export interface PutAuthValuesInputBody {
  /** Variables to set; an empty value deletes one */
  authValues: Record<string, string>;
}

export interface RegisterInputBody {
  email: string;
  name?: string;
  password: string;
  username?: string;
}

export interface ReinitializeOutputBody {
  action?: string;
  flowId?: string;
  message: string;
  missingUserVars?: string[] | null;
  oauthRequired: boolean;
  /** ms */
  oauthTimeout?: number;
  oauthUrl?: string;
  /** The host that oauthUrl leads to */
  provider?: string;
  reason?: string;
  serverName: string;
  success: boolean;
}

export interface Report {
  action: string;
  level: string;
  next: string;
  ok: boolean;
  reason: string;
  serverName: string;
  steps: Step[] | null;
  type: string;
}

export interface ServerLogOutputBody {
  /** What happened, oldest first; then what the server printed to its standard error */
  data: LogLineView[] | null;
}

export interface ServerView {
  action: "initialize" | "authenticate" | "configure" | "cancel" | "retry" | "none";
  apiKey?: ApiKeyView;
  args?: string[] | null;
  author: string | null;
  chatMenu: boolean;
  command?: string;
  createdAt: string | null;
  customUserVars?: Record<string, string | UserVar>;
  cwd?: string;
  description: string;
  env?: Record<string, string>;
  headers?: Record<string, string>;
  /** Path of the icon; null: show initials */
  icon: string | null;
  /** ms */
  initTimeout?: number;
  level?: string;
  message: string;
  name: string;
  oauth?: OauthView;
  oauth_headers?: Record<string, string>;
  permissions: string[] | null;
  protocolVersion: string;
  proxy?: string;
  reason: string;
  requestHeaders?: Record<string, string>;
  requiresOAuth: boolean;
  /** true: the server's own; a string: this text */
  serverInstructions?: unknown;
  since: string | null;
  source: "yaml" | "user";
  /** ms */
  sseReadTimeout?: number;
  startup?: boolean;
  status: "connected" | "initializing" | "oauth_required" | "disconnected" | "error" | "cancelling";
  stderr?: string;
  /** ms */
  timeout?: number;
  title: string;
  toolCount: number;
  type: "stdio" | "sse" | "streamable-http" | "websocket";
  updatedAt: string | null;
  url?: string;
}

export interface SetupInputBody {
  email: string;
  name?: string;
  password: string;
  /** Of the link that the start-up log prints */
  token: string;
  username?: string;
}

export interface SignInOutputBody {
  message: string;
  serverName: string;
  success: boolean;
}

export interface StatusEvent {
  action: string;
  message: string;
  protocolVersion: string;
  reason: string;
  serverName: string;
  since: string;
  status: string;
  toolCount: number;
}

export interface Step {
  answer: string;
  asked?: string;
  name: string;
  ok: boolean;
  status?: number;
  tookMs: number;
}

export interface TokenView {
  createdAt: string | null;
  /** null: never */
  expiresAt: string | null;
  id: string;
  /** null: not yet */
  lastUsedAt: string | null;
  name: string;
  /** Empty: all */
  scopes: string[] | null;
}

export interface ToolView {
  annotations: unknown;
  description: string;
  inputSchema: unknown;
  /** tool_mcp_server */
  key: string;
  /** The tool's own name */
  name: string;
  outputSchema: unknown;
  serverName: string;
  /** Of the last known list: the server is not connected */
  stale: boolean;
  title: string;
}

export interface UpdatedServerOutputBody {
  /** Secrets that were forgotten because the destination changed; people's own were too */
  droppedSecrets?: string[] | null;
}

export interface UserVar {
  description: string;
  sensitive: boolean;
  title: string;
}

export interface UserView {
  createdAt: string | null;
  disabled: boolean;
  email: string;
  emailVerified: boolean;
  id: string;
  name: string;
  provider: string;
  role: "ADMIN" | "USER";
  termsAccepted: boolean;
  twoFactorEnabled: boolean;
  updatedAt: string | null;
  username: string;
}

/** What each operation takes and gives. */
export interface Operations {
  /** List agents */
  listAgents: {
    path: undefined;
    query: undefined;
    body: undefined;
    result: unknown;
  };
  /** Create an agent */
  createAgent: {
    path: undefined;
    query: undefined;
    body: undefined;
    result: unknown;
  };
  /** Sign in */
  login: {
    path: undefined;
    query: undefined;
    body: LoginInputBody;
    result: OpenedOutputBody;
  };
  /** End this login */
  logout: {
    path: undefined;
    query: undefined;
    body: undefined;
    result: LogoutOutputBody;
  };
  /** Make an account */
  register: {
    path: undefined;
    query: undefined;
    body: RegisterInputBody;
    result: OpenedOutputBody;
  };
  /** Make the first account */
  setup: {
    path: undefined;
    query: undefined;
    body: SetupInputBody;
    result: OpenedOutputBody;
  };
  /** What changes, as it changes */
  events: {
    path: undefined;
    query: undefined;
    body: undefined;
    result: unknown;
  };
  /** List groups */
  listGroups: {
    path: undefined;
    query: { limit?: number; after?: string; search?: string };
    body: undefined;
    result: PageGroupView;
  };
  /** Make a group */
  createGroup: {
    path: undefined;
    query: undefined;
    body: GroupBody;
    result: GroupView;
  };
  /** Delete a group */
  deleteGroup: {
    path: { id: string };
    query: undefined;
    body: undefined;
    result: unknown;
  };
  /** Rename a group */
  renameGroup: {
    path: { id: string };
    query: undefined;
    body: GroupBody;
    result: unknown;
  };
  /** Who is in a group */
  listMembers: {
    path: { id: string };
    query: { limit?: number; after?: string };
    body: undefined;
    result: PageUserView;
  };
  /** Take a person out of a group */
  removeMember: {
    path: { id: string; user: string };
    query: undefined;
    body: undefined;
    result: unknown;
  };
  /** Put a person into a group */
  addMember: {
    path: { id: string; user: string };
    query: undefined;
    body: undefined;
    result: unknown;
  };
  /** The state of the configuration file */
  getConfig: {
    path: undefined;
    query: undefined;
    body: undefined;
    result: ConfigState;
  };
  /** Connection status of all servers */
  listConnections: {
    path: undefined;
    query: undefined;
    body: undefined;
    result: ConnectionsOutputBody;
  };
  /** Connection status of one server */
  getConnection: {
    path: { serverName: string };
    query: undefined;
    body: undefined;
    result: ConnectionOutputBody;
  };
  /** Cancel a sign-in */
  cancelSignIn: {
    path: { serverName: string };
    query: undefined;
    body: undefined;
    result: SignInOutputBody;
  };
  /** List MCP servers */
  listServers: {
    path: undefined;
    query: { limit?: number; after?: string; search?: string };
    body: undefined;
    result: PageServerView;
  };
  /** Create an MCP server */
  createServer: {
    path: undefined;
    query: undefined;
    body: Record<string, unknown>;
    result: ServerView;
  };
  /** Try a definition without saving it */
  testServer: {
    path: undefined;
    query: undefined;
    body: Record<string, unknown>;
    result: Report;
  };
  /** Delete an MCP server */
  deleteServer: {
    path: { serverName: string };
    query: undefined;
    body: undefined;
    result: DeletedOutputBody;
  };
  /** Get an MCP server */
  getServer: {
    path: { serverName: string };
    query: undefined;
    body: undefined;
    result: ServerView;
  };
  /** Update an MCP server */
  updateServer: {
    path: { serverName: string };
    query: undefined;
    body: Record<string, unknown>;
    result: UpdatedServerOutputBody;
  };
  /** Who may do what with a server */
  getAccess: {
    path: { serverName: string };
    query: undefined;
    body: undefined;
    result: AccessBody;
  };
  /** Share a server */
  putAccess: {
    path: { serverName: string };
    query: undefined;
    body: AccessBody;
    result: AccessBody;
  };
  /** What happened to your connection, and what the server printed last */
  getServerLog: {
    path: { serverName: string };
    query: undefined;
    body: undefined;
    result: ServerLogOutputBody;
  };
  /** Call a tool */
  callTool: {
    path: { serverName: string; toolName: string };
    query: undefined;
    body: CallBody;
    result: CallResult;
  };
  /** List tools */
  listTools: {
    path: undefined;
    query: { server?: string; connect?: "0" | "1" | "true" | "false" };
    body: undefined;
    result: ToolView[] | null;
  };
  /** Delete variables */
  deleteAuthValues: {
    path: { serverName: string };
    query: { name?: string[] | null };
    body: undefined;
    result: FlagsOutputBody;
  };
  /** Which variables are given */
  getAuthValues: {
    path: { serverName: string };
    query: undefined;
    body: undefined;
    result: FlagsOutputBody;
  };
  /** Set variables */
  putAuthValues: {
    path: { serverName: string };
    query: undefined;
    body: PutAuthValuesInputBody;
    result: FlagsOutputBody;
  };
  /** Find out what is wrong with a server */
  diagnose: {
    path: { serverName: string };
    query: undefined;
    body: undefined;
    result: Report;
  };
  /** A server's icon */
  getIcon: {
    path: { serverName: string };
    query: undefined;
    body: undefined;
    result: unknown;
  };
  /** Sign out of an MCP server */
  signOut: {
    path: { serverName: string };
    query: undefined;
    body: undefined;
    result: SignInOutputBody;
  };
  /** Bind a sign-in to this browser */
  bindSignIn: {
    path: { serverName: string };
    query: undefined;
    body: undefined;
    result: BindOutputBody;
  };
  /** Where the provider leads back to */
  finishSignIn: {
    path: { serverName: string };
    query: { code?: string; state?: string; iss?: string; error?: string; error_description?: string };
    body: undefined;
    result: unknown;
  };
  /** Go to the provider's sign-in page */
  initiateSignIn: {
    path: { serverName: string };
    query: { userId: string; flowId: string };
    body: undefined;
    result: unknown;
  };
  /** Reconnect to an MCP server */
  reinitialize: {
    path: { serverName: string };
    query: undefined;
    body: undefined;
    result: ReinitializeOutputBody;
  };
  /** Find people to share with */
  searchPeople: {
    path: undefined;
    query: { search: string; limit?: number };
    body: undefined;
    result: PeopleOutputBody;
  };
  /** Follow a run */
  runEvents: {
    path: { id: string };
    query: undefined;
    body: undefined;
    result: unknown;
  };
  /** Who you are */
  getUser: {
    path: undefined;
    query: undefined;
    body: undefined;
    result: UserView;
  };
  /** Your browser logins */
  listLogins: {
    path: undefined;
    query: { limit?: number; after?: string };
    body: undefined;
    result: PageLoginView;
  };
  /** End one of your logins */
  endLogin: {
    path: { id: string };
    query: undefined;
    body: undefined;
    result: DoneOutputBody;
  };
  /** Change your password */
  changePassword: {
    path: undefined;
    query: undefined;
    body: PasswordInputBody;
    result: DoneOutputBody;
  };
  /** Your API tokens */
  listTokens: {
    path: undefined;
    query: { limit?: number; after?: string };
    body: undefined;
    result: PageTokenView;
  };
  /** Make an API token */
  createToken: {
    path: undefined;
    query: undefined;
    body: CreateTokenInputBody;
    result: CreateTokenOutputBody;
  };
  /** Revoke an API token */
  deleteToken: {
    path: { id: string };
    query: undefined;
    body: undefined;
    result: DoneOutputBody;
  };
  /** List accounts */
  listUsers: {
    path: undefined;
    query: { limit?: number; after?: string; search?: string };
    body: undefined;
    result: PageUserView;
  };
  /** Add an account */
  addUser: {
    path: undefined;
    query: undefined;
    body: AddUserInputBody;
    result: UserView;
  };
  /** Change an account's role, or disable it */
  changeUser: {
    path: { id: string };
    query: undefined;
    body: ChangeUserInputBody;
    result: DoneOutputBody;
  };
}

/** Where each operation is. */
export const routes: Record<keyof Operations, readonly [string, string]> = {
  listAgents: ["GET", "/api/agents"],
  createAgent: ["POST", "/api/agents"],
  login: ["POST", "/api/auth/login"],
  logout: ["POST", "/api/auth/logout"],
  register: ["POST", "/api/auth/register"],
  setup: ["POST", "/api/auth/setup"],
  events: ["GET", "/api/events"],
  listGroups: ["GET", "/api/groups"],
  createGroup: ["POST", "/api/groups"],
  deleteGroup: ["DELETE", "/api/groups/{id}"],
  renameGroup: ["PATCH", "/api/groups/{id}"],
  listMembers: ["GET", "/api/groups/{id}/members"],
  removeMember: ["DELETE", "/api/groups/{id}/members/{user}"],
  addMember: ["PUT", "/api/groups/{id}/members/{user}"],
  getConfig: ["GET", "/api/mcp/config"],
  listConnections: ["GET", "/api/mcp/connection/status"],
  getConnection: ["GET", "/api/mcp/connection/status/{serverName}"],
  cancelSignIn: ["POST", "/api/mcp/oauth/cancel/{serverName}"],
  listServers: ["GET", "/api/mcp/servers"],
  createServer: ["POST", "/api/mcp/servers"],
  testServer: ["POST", "/api/mcp/servers/test"],
  deleteServer: ["DELETE", "/api/mcp/servers/{serverName}"],
  getServer: ["GET", "/api/mcp/servers/{serverName}"],
  updateServer: ["PATCH", "/api/mcp/servers/{serverName}"],
  getAccess: ["GET", "/api/mcp/servers/{serverName}/access"],
  putAccess: ["PUT", "/api/mcp/servers/{serverName}/access"],
  getServerLog: ["GET", "/api/mcp/servers/{serverName}/log"],
  callTool: ["POST", "/api/mcp/servers/{serverName}/tools/{toolName}/call"],
  listTools: ["GET", "/api/mcp/tools"],
  deleteAuthValues: ["DELETE", "/api/mcp/{serverName}/auth-values"],
  getAuthValues: ["GET", "/api/mcp/{serverName}/auth-values"],
  putAuthValues: ["PUT", "/api/mcp/{serverName}/auth-values"],
  diagnose: ["GET", "/api/mcp/{serverName}/doctor"],
  getIcon: ["GET", "/api/mcp/{serverName}/icon"],
  signOut: ["DELETE", "/api/mcp/{serverName}/oauth"],
  bindSignIn: ["POST", "/api/mcp/{serverName}/oauth/bind"],
  finishSignIn: ["GET", "/api/mcp/{serverName}/oauth/callback"],
  initiateSignIn: ["GET", "/api/mcp/{serverName}/oauth/initiate"],
  reinitialize: ["POST", "/api/mcp/{serverName}/reinitialize"],
  searchPeople: ["GET", "/api/people"],
  runEvents: ["GET", "/api/runs/{id}/events"],
  getUser: ["GET", "/api/user"],
  listLogins: ["GET", "/api/user/logins"],
  endLogin: ["DELETE", "/api/user/logins/{id}"],
  changePassword: ["PUT", "/api/user/password"],
  listTokens: ["GET", "/api/user/tokens"],
  createToken: ["POST", "/api/user/tokens"],
  deleteToken: ["DELETE", "/api/user/tokens/{id}"],
  listUsers: ["GET", "/api/users"],
  addUser: ["POST", "/api/users"],
  changeUser: ["PATCH", "/api/users/{id}"],
};
