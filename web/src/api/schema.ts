// Derived from the API's description by e2e/ui/api_types_test.go; do not edit.

export interface AccessBody {
  grants?: GrantView[] | null;
  owner?: string;
  ownerName?: string;
}

export interface AddUserInputBody {
  email: string;
  name?: string;
  password: string;
  role?: "ADMIN" | "USER";
  username?: string;
}

export interface AgentFields {
  description?: string;
  /** An attachment's id */
  icon?: string;
  instructions?: string;
  model?: string;
  name?: string;
  params?: ModelParams;
  provider?: string;
  /** First messages to offer */
  starters?: string[] | null;
  /** One entry for each server, or LibreChat's tool keys (tool_mcp_server) */
  tools?: ToolChoice[] | string[];
}

export interface AgentView {
  /** Who made it */
  author?: string;
  createdAt: string | null;
  description: string;
  /** An attachment's id */
  icon?: string;
  id: string;
  instructions: string;
  /** What it names and you have not got */
  missing: ToolChoice[] | null;
  model: string;
  name: string;
  params?: ModelParams;
  /** Yours: VIEW, USE, EDIT, DELETE, SHARE */
  permissions: string[] | null;
  provider: string;
  starters: string[] | null;
  tools: ToolChoice[] | null;
  updatedAt: string | null;
  /** For If-Match */
  version: number;
}

export interface ApiKeyView {
  authorization_type: string;
  custom_header?: string;
  key?: string;
  source: string;
}

export interface ApprovalView {
  /** null: always */
  conversationId: string | null;
  createdAt: string | null;
  id: string;
  scope: "chat" | "always";
  serverName: string;
  tool: string;
}

export interface ApproveInputBody {
  decision: "allow" | "deny";
  /** Of deny: told to the model */
  reason?: string;
  /** Of allow: for how long */
  scope?: "once" | "chat" | "always";
}

export interface AttachmentView {
  /** null: no message has it yet */
  conversationId: string | null;
  createdAt: string | null;
  /** Text was found in it, for models that take no files */
  hasText: boolean;
  id: string;
  mimeType: string;
  name: string;
  size: number;
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
  callId: string;
  cut?: boolean;
  isError?: boolean;
  name?: string;
  raw: unknown;
}

export interface CallView {
  /** As the model wrote them */
  args: string;
  endedAt: string | null;
  id: string;
  /** Among the calls of its step, from 0 */
  index: number;
  /** The tool ran and failed */
  isError: boolean;
  /** As the model called it */
  name: string;
  /** The beginning of its text */
  preview?: string;
  /** Why there is no result */
  problem?: string;
  /** Its stable word */
  reason?: string;
  /** The CallToolResult; where one call is asked for only */
  result?: unknown;
  /** Bytes of what the model was told */
  resultSize?: number;
  serverName: string;
  /** null: it was never sent */
  startedAt: string | null;
  state: "queued" | "started" | "waiting" | "done" | "failed" | "unknown";
  step: number;
  /** Its own name; empty: there was none */
  tool: string;
}

export interface ChangeConversationInputBody {
  archived?: boolean;
  /** The last message of the branch that is shown */
  head?: string;
  /** For the next message */
  settings?: ChatSettings;
  title?: string;
}

export interface ChangeUserInputBody {
  disabled?: boolean;
  role?: "ADMIN" | "USER";
}

export interface ChatSettings {
  /** Instead of the rest */
  agentId?: string;
  instructions?: string;
  /** MCP servers, by name; all their allowed tools are offered */
  mcpServers?: string[] | null;
  model?: string;
  params?: ModelParams;
  provider?: string;
  /** Of modelSpecs, by name */
  spec?: string;
  /** Keys of tools that are not */
  toolsOff?: string[] | null;
}

export interface ConfigEvent {
  message: string;
  ok: boolean;
  path: string;
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

export interface ConversationEvent {
  conversationId: string;
  deleted?: boolean;
  title?: string;
}

export interface ConversationView {
  archived: boolean;
  createdAt: string | null;
  /** The last message of the branch that was shown last */
  head: string;
  id: string;
  /** The run that is under way; null: none */
  run: RunRef | null;
  settings: ChatSettings;
  /** Empty: none yet */
  title: string;
  updatedAt: string | null;
  /** Of all its runs */
  usage: Usage;
}

export interface CreateTokenInputBody {
  /** Without it, never */
  expiresAt?: string;
  name: string;
  /** servers:read, tools:call, tools:unattended, vars:write, chat, account, admin; without it, all but tools:unattended */
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

export interface Delta {
  callArgs?: string;
  callId?: string;
  callName?: string;
  kind?: string;
  media?: Media;
  model?: string;
  part: number;
  signature?: string;
  stop?: string;
  text?: string;
  usage?: Usage;
  vendor?: VendorPart;
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
  severity: "error" | "warning" | "info" | "note";
}

export interface FlagsOutputBody {
  /** Which variables are given; never their values */
  authValueFlags: Record<string, boolean>;
  serverName: string;
  success: boolean;
}

export interface GrantView {
  /** Of the person; not read in a request */
  email?: string;
  /** Of the user or the group; the name of the role */
  id?: string;
  kind: "user" | "group" | "role" | "everyone";
  /** Of the person or the group; not read in a request */
  name?: string;
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

export interface KeyView {
  /** An address was given */
  baseURL: boolean;
  /** null: never */
  expiresAt: string | null;
  /** The provider's */
  name: string;
  updatedAt: string | null;
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

export interface Media {
  data?: string;
  mimeType?: string;
  name?: string;
  ref?: string;
  url?: string;
}

export interface MediaView {
  mimeType?: string;
  name?: string;
  /** An attachment's id */
  ref: string;
}

export interface Message {
  error?: ModelError;
  model?: string;
  parts: Part[] | null;
  role: string;
  stop?: string;
  usage?: Usage;
}

export interface MessageView {
  conversationId: string;
  createdAt: string | null;
  id: string;
  /** null: a root */
  parentId: string | null;
  /** Of a person's message; an answer's are in its run */
  parts: PartView[] | null;
  role: "user" | "assistant";
  /** Of an answer */
  run: RunView | null;
}

export interface ModelError {
  code?: string;
  kind: string;
  message: string;
  retryAfter?: number;
  status?: number;
}

export interface ModelParams {
  /** How long to reason: none, minimal, low, medium, high, … */
  effort?: string;
  maxTokens?: number;
  /** No prompt caching where it is ours to ask for */
  noCache?: boolean;
  /** One tool call at a time */
  noParallelCalls?: boolean;
  stopAt?: string[] | null;
  temperature?: number;
  thinkingBudget?: number;
  topP?: number;
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

export interface Offer {
  instructions: string;
  model: string;
  notes?: string[] | null;
  provider: string;
  step: number;
  tools: string[] | null;
}

export interface OfferedOutputBody {
  data: Offer[] | null;
}

export interface OpenedOutputBody {
  token: string;
  user: UserView;
}

export interface PageAgentView {
  /** Where the next page begins; null on the last */
  after: string | null;
  data: AgentView[] | null;
  has_more: boolean;
}

export interface PageApprovalView {
  /** Where the next page begins; null on the last */
  after: string | null;
  data: ApprovalView[] | null;
  has_more: boolean;
}

export interface PageConversationView {
  /** Where the next page begins; null on the last */
  after: string | null;
  data: ConversationView[] | null;
  has_more: boolean;
}

export interface PageGroupView {
  /** Where the next page begins; null on the last */
  after: string | null;
  data: GroupView[] | null;
  has_more: boolean;
}

export interface PageKeyView {
  /** Where the next page begins; null on the last */
  after: string | null;
  data: KeyView[] | null;
  has_more: boolean;
}

export interface PageLoginView {
  /** Where the next page begins; null on the last */
  after: string | null;
  data: LoginView[] | null;
  has_more: boolean;
}

export interface PageMessageView {
  /** Where the next page begins; null on the last */
  after: string | null;
  data: MessageView[] | null;
  has_more: boolean;
}

export interface PageProvider {
  /** Where the next page begins; null on the last */
  after: string | null;
  data: Provider[] | null;
  has_more: boolean;
}

export interface PageRunHead {
  /** Where the next page begins; null on the last */
  after: string | null;
  data: RunHead[] | null;
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

export interface PageWaitView {
  /** Where the next page begins; null on the last */
  after: string | null;
  data: WaitView[] | null;
  has_more: boolean;
}

export interface Part {
  call?: ToolCall;
  kind: string;
  media?: Media;
  result?: CallResult;
  signature?: string;
  text?: string;
  vendor?: VendorPart;
}

export interface PartView {
  kind: "text" | "image" | "audio" | "file";
  media?: MediaView;
  text?: string;
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

export interface Provider {
  defaultModel?: string;
  /** No other model may be chosen */
  fixed: boolean;
  iconURL?: string;
  /** You have given one */
  keySet: boolean;
  /** openai, anthropic, google, azure, bedrock or custom */
  kind: string;
  models: string[] | null;
  name: string;
  /** Why it cannot be asked, or its models are not known */
  problem?: string;
  /** It can be asked: a key is there, or none is needed */
  ready: boolean;
  title: string;
  /** false: its models take no tools */
  tools: boolean;
  /** Each person gives a key of their own */
  userProvide: boolean;
  /** Each person gives the address */
  userProvideURL: boolean;
}

export interface PutAuthValuesInputBody {
  /** Variables to set; an empty value deletes one */
  authValues: Record<string, string>;
}

export interface PutKeyInputBody {
  /** Where the provider lets people give the address */
  baseURL?: string;
  /** Without it, never */
  expiresAt?: string;
  /** The provider's */
  name: string;
  /** The key; it is sealed and never shown again */
  value?: string;
}

export interface QuestionInputBody {
  /** decline is told to the server, which goes on without; cancel ends the call */
  action: "accept" | "decline" | "cancel";
  /** Of accept: what the form of each question holds, by the question's key */
  answers?: Record<string, unknown>;
  /** Of cancel: told to the model */
  reason?: string;
}

export interface RegenerateInputBody {
  /** Without them, the conversation's */
  settings?: ChatSettings;
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

export interface RevertAgentInputBody {
  version: number;
}

export interface RunDelta {
  conversationId: string;
  data: RunDeltaData;
  kind: string;
  runId: string;
  seq: number;
}

export interface RunDeltaData {
  deltas: Delta[] | null;
  offset: number;
  step: number;
}

export interface RunEnd {
  error?: ModelError;
  limit?: string;
  message?: string;
  stop: string;
}

export interface RunFact {
  at: string;
  conversationId: string;
  data: unknown;
  kind: string;
  runId: string;
  seq: number;
}

export interface RunHead {
  answerId: string;
  conversationId: string;
  createdAt: string | null;
  /** How it ended; null: it has not. retryAfter is in nanoseconds */
  end: RunEnd | null;
  endedAt: string | null;
  id: string;
  model: string;
  provider: string;
  questionId: string;
  /** Of its last fact */
  seq: number;
  settings: ChatSettings;
  status: "running" | "waiting" | "done" | "failed" | "stopped" | "interrupted";
  /** Answers of the model so far */
  step: number;
  usage: Usage;
}

export interface RunProgress {
  conversationId: string;
  data: RunProgressData;
  kind: string;
  runId: string;
  seq: number;
}

export interface RunProgressData {
  callId: string;
  message?: string;
  progress: number;
  total?: number;
}

export interface RunRef {
  id: string;
  status: "running" | "waiting" | "done" | "failed" | "stopped" | "interrupted";
}

export interface RunSnapshot {
  message: Message;
  offset: number;
  step: number;
}

export interface RunView {
  answerId: string;
  calls: CallView[] | null;
  conversationId: string;
  createdAt: string | null;
  /** How it ended; null: it has not. retryAfter is in nanoseconds */
  end: RunEnd | null;
  endedAt: string | null;
  id: string;
  model: string;
  /** What the model is writing; null: nothing. Deltas go on from its offset */
  partial: RunSnapshot | null;
  provider: string;
  questionId: string;
  /** Of its last fact */
  seq: number;
  settings: ChatSettings;
  status: "running" | "waiting" | "done" | "failed" | "stopped" | "interrupted";
  /** Answers of the model so far */
  step: number;
  /** What the model wrote, in order; the results are in calls */
  steps: StepView[] | null;
  usage: Usage;
  waits: WaitView[] | null;
}

export interface SendInputBody {
  /** Ids */
  attachments?: string[] | null;
  /** Without it, a new one begins */
  conversationId?: string;
  /** The message that this one follows; without it, it is a root. Editing a message is sending another one below its parent */
  parentId?: string;
  /** Without them, the conversation's */
  settings?: ChatSettings;
  text: string;
}

export interface SentOutputBody {
  answer: MessageView;
  conversation: ConversationView;
  message: MessageView;
  run: RunView;
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

export interface Site {
  appTitle: string;
  customWelcome?: string;
  interface: SiteInterface;
  registrationEnabled: boolean;
  /** Nobody has an account yet: use the link in the start-up log */
  setupNeeded: boolean;
  version: string;
}

export interface SiteInterface {
  agents: boolean;
  mcpServers: SiteMCP;
  /** People choose a model */
  modelSelect: boolean;
  /** People set a model's parameters */
  parameters: boolean;
  presets: boolean;
  privacyPolicy: SiteLink;
  termsOfService: SiteLink;
}

export interface SiteLink {
  externalUrl?: string;
  openNewTab: boolean;
}

export interface SiteMCP {
  create: boolean;
  /** The text of the button that chooses servers */
  placeholder?: string;
  /** Share with everyone */
  public: boolean;
  share: boolean;
  use: boolean;
}

export interface SkipInputBody {
  /** Told to the model */
  reason?: string;
}

export interface SpecView {
  /** Chosen for a new conversation */
  default: boolean;
  description?: string;
  greeting?: string;
  group?: string;
  iconURL?: string;
  label: string;
  name: string;
  /** What it stands for; send its name as spec */
  settings: ChatSettings;
}

export interface SpecsOutputBody {
  /** Nothing else may be chosen */
  enforce: boolean;
  list: SpecView[] | null;
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

export interface StepView {
  /** From 1; a call's step is that of the message that asks for it */
  index: number;
  message: Message;
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

export interface ToolCall {
  args: string;
  id: string;
  name: string;
}

export interface ToolChoice {
  /** Including future ones */
  all?: boolean;
  serverName: string;
  /** Own names; without all */
  tools?: string[] | null;
}

export interface ToolResult {
  _meta?: Record<string, unknown>;
  content: Record<string, unknown>[] | null;
  /** The tool ran and failed */
  isError?: boolean;
  structuredContent?: unknown;
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

export interface ToolsEvent {
  serverName: string;
  toolCount: number;
}

export interface UpdatedServerOutputBody {
  /** Secrets that were forgotten because the destination changed; people's own were too */
  droppedSecrets?: string[] | null;
}

export interface Usage {
  cacheRead?: number;
  cacheWrite?: number;
  input: number;
  output: number;
  reasoning?: number;
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

export interface V1Call {
  function: V1CallFunctionStruct;
  id: string;
  index?: number;
  type: string;
}

export interface V1CallFunctionStruct {
  arguments: string;
  name: string;
}

export interface V1ChatBody {
  /** Not taken; use tools */
  functions?: unknown;
  /** false */
  logprobs?: boolean;
  max_completion_tokens?: number;
  max_tokens?: number;
  /** Names of MCP servers whose tools a plain model may call; they are run here */
  mcp_servers?: string[] | null;
  messages: V1Message[] | null;
  /** Of /v1/models */
  model: string;
  /** 1 */
  n?: number;
  parallel_tool_calls?: boolean;
  reasoning_effort?: string;
  /** Text only */
  response_format?: unknown;
  /** A text, or a list of texts */
  stop?: unknown;
  stream?: boolean;
  stream_options?: V1ChatBodyStreamOptionsStruct;
  temperature?: number;
  /** auto or none */
  tool_choice?: unknown;
  /** Offered beside those of servers; their calls are yours to run */
  tools?: V1Tool[] | null;
  top_p?: number;
}

export interface V1ChatBodyStreamOptionsStruct {
  include_usage?: boolean;
}

export interface V1Choice {
  /** stop, length, tool_calls or content_filter */
  finish_reason: string;
  index: number;
  logprobs: number | null;
  message: V1Reply;
}

export interface V1Chunk {
  choices: V1ChunkChoice[] | null;
  usage?: unknown;
}

export interface V1ChunkChoice {
  delta: V1Written;
  finish_reason: string | null;
  index: number;
}

export interface V1Completion {
  choices: V1Choice[] | null;
  usage: V1Usage;
}

export interface V1Message {
  /** A text, or a list of parts: text, image_url, input_audio, file */
  content?: unknown;
  refusal?: string;
  /** system, developer, user, assistant or tool */
  role: string;
  tool_call_id?: string;
  tool_calls?: V1Call[] | null;
}

export interface V1Model {
  created: number;
  /** agent/ID, spec/NAME or PROVIDER/MODEL */
  id: string;
  /** For people */
  name: string;
  object: string;
  owned_by: string;
}

export interface V1ModelList {
  data: V1Model[] | null;
  object: string;
}

export interface V1Reply {
  content: string | null;
  reasoning_content?: string;
  refusal: string | null;
  role: string;
  tool_calls?: V1Call[] | null;
}

export interface V1Tool {
  function: V1ToolFunctionStruct;
  type: string;
}

export interface V1ToolFunctionStruct {
  description?: string;
  name: string;
  parameters?: unknown;
}

export interface V1Usage {
  completion_tokens: number;
  completion_tokens_details: V1UsageCompletionInStruct;
  prompt_tokens: number;
  prompt_tokens_details: V1UsagePromptInStruct;
  total_tokens: number;
}

export interface V1UsageCompletionInStruct {
  reasoning_tokens: number;
}

export interface V1UsagePromptInStruct {
  cached_tokens: number;
}

export interface V1Written {
  content?: string;
  reasoning_content?: string;
  refusal?: string;
  role?: string;
  tool_calls?: V1Call[] | null;
}

export interface VendorPart {
  data: string;
  model?: string;
  name: string;
}

export interface WaitView {
  /** Of an approval: what the call will be sent with */
  args?: string;
  /** null: the server asks, and no call can be told */
  callId: string | null;
  conversationId: string;
  createdAt: string | null;
  endedAt: string | null;
  expiresAt: string | null;
  id: string;
  kind: "approval" | "question" | "signin";
  /** Of a sign-in: the host it leads to. POST /api/mcp/{serverName}/reinitialize gives the oauthUrl */
  provider?: string;
  /** By key, as the server asks them */
  questions?: unknown;
  /** Why it was refused, in the person's words */
  reason?: string;
  runId: string;
  serverName: string;
  status: "open" | "answered" | "refused" | "expired" | "void" | "interrupted";
  tool: string;
  /** Of an approval: not_read_only, destructive, rule, changed */
  why?: string;
}

/** What each operation takes and gives. */
export interface Operations {
  /** List agents */
  listAgents: {
    path: undefined;
    query: { limit?: number; after?: string; search?: string };
    body: undefined;
    result: PageAgentView;
  };
  /** Create an agent */
  createAgent: {
    path: undefined;
    query: undefined;
    body: AgentFields;
    result: AgentView;
  };
  /** Delete an agent */
  deleteAgent: {
    path: { id: string };
    query: undefined;
    body: undefined;
    result: DoneOutputBody;
  };
  /** Get an agent */
  getAgent: {
    path: { id: string };
    query: undefined;
    body: undefined;
    result: AgentView;
  };
  /** Change an agent */
  changeAgent: {
    path: { id: string };
    query: undefined;
    body: AgentFields;
    result: AgentView;
  };
  /** Who may do what with an agent */
  getAgentAccess: {
    path: { id: string };
    query: undefined;
    body: undefined;
    result: AccessBody;
  };
  /** Share an agent */
  putAgentAccess: {
    path: { id: string };
    query: undefined;
    body: AccessBody;
    result: AccessBody;
  };
  /** Make a copy of an agent */
  duplicateAgent: {
    path: { id: string };
    query: undefined;
    body: undefined;
    result: AgentView;
  };
  /** Go back to an earlier version */
  revertAgent: {
    path: { id: string };
    query: undefined;
    body: RevertAgentInputBody;
    result: AgentView;
  };
  /** What an agent was before, newest first */
  listAgentVersions: {
    path: { id: string };
    query: { limit?: number; after?: string };
    body: undefined;
    result: PageAgentView;
  };
  /** What is allowed without asking again */
  listApprovals: {
    path: undefined;
    query: { limit?: number; after?: string };
    body: undefined;
    result: PageApprovalView;
  };
  /** Be asked again */
  deleteApproval: {
    path: { id: string };
    query: undefined;
    body: undefined;
    result: DoneOutputBody;
  };
  /** Allow a tool call, or deny it */
  answerApproval: {
    path: { id: string };
    query: undefined;
    body: ApproveInputBody;
    result: WaitView;
  };
  /** Give a file for a message */
  upload: {
    path: undefined;
    query: { name: string };
    body: unknown;
    result: AttachmentView;
  };
  /** Delete a file */
  deleteAttachment: {
    path: { id: string };
    query: undefined;
    body: undefined;
    result: DoneOutputBody;
  };
  /** A file's bytes */
  getAttachment: {
    path: { id: string };
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
  /** What the page to sign in shows */
  getSite: {
    path: undefined;
    query: undefined;
    body: undefined;
    result: Site;
  };
  /** List conversations, last updated first */
  listConversations: {
    path: undefined;
    query: { limit?: number; after?: string; search?: string; archived?: boolean };
    body: undefined;
    result: PageConversationView;
  };
  /** Delete a conversation and all that is in it */
  deleteConversation: {
    path: { id: string };
    query: undefined;
    body: undefined;
    result: DoneOutputBody;
  };
  /** Get a conversation */
  getConversation: {
    path: { id: string };
    query: undefined;
    body: undefined;
    result: ConversationView;
  };
  /** Rename, archive or set up a conversation */
  changeConversation: {
    path: { id: string };
    query: undefined;
    body: ChangeConversationInputBody;
    result: ConversationView;
  };
  /** List a conversation's messages, all branches, oldest first */
  listMessages: {
    path: { id: string };
    query: { limit?: number; after?: string };
    body: undefined;
    result: PageMessageView;
  };
  /** List model providers */
  listProviders: {
    path: undefined;
    query: { limit?: number; after?: string };
    body: undefined;
    result: PageProvider;
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
  /** Which model keys you have given */
  listKeys: {
    path: undefined;
    query: { limit?: number; after?: string };
    body: undefined;
    result: PageKeyView;
  };
  /** Give a model key */
  putKey: {
    path: undefined;
    query: undefined;
    body: PutKeyInputBody;
    result: DoneOutputBody;
  };
  /** Erase a model key */
  deleteKey: {
    path: { name: string };
    query: undefined;
    body: undefined;
    result: DoneOutputBody;
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
    result: ToolResult;
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
  /** Send a message */
  sendMessage: {
    path: undefined;
    query: undefined;
    body: SendInputBody;
    result: SentOutputBody;
  };
  /** Answer a message once more */
  regenerate: {
    path: { id: string };
    query: undefined;
    body: RegenerateInputBody;
    result: SentOutputBody;
  };
  /** What the operator prepared to choose from */
  listModelSpecs: {
    path: undefined;
    query: undefined;
    body: undefined;
    result: SpecsOutputBody;
  };
  /** The models of each provider */
  listModels: {
    path: undefined;
    query: undefined;
    body: undefined;
    result: Record<string, string[] | null>;
  };
  /** Find people to share with */
  searchPeople: {
    path: undefined;
    query: { search: string; limit?: number };
    body: undefined;
    result: PeopleOutputBody;
  };
  /** Answer a server's question */
  answerQuestion: {
    path: { id: string };
    query: undefined;
    body: QuestionInputBody;
    result: WaitView;
  };
  /** List runs */
  listRuns: {
    path: undefined;
    query: { limit?: number; after?: string; conversationId?: string; active?: boolean };
    body: undefined;
    result: PageRunHead;
  };
  /** Get a run with all that it has done */
  getRun: {
    path: { id: string };
    query: undefined;
    body: undefined;
    result: RunView;
  };
  /** One tool call with its whole result */
  getCall: {
    path: { id: string; callId: string };
    query: undefined;
    body: undefined;
    result: CallView;
  };
  /** Cancel one tool call */
  cancelCall: {
    path: { id: string; callId: string };
    query: undefined;
    body: undefined;
    result: DoneOutputBody;
  };
  /** Follow a run */
  runEvents: {
    path: { id: string };
    query: { after?: number };
    body: undefined;
    result: unknown;
  };
  /** What went to the model in each step */
  getOffered: {
    path: { id: string };
    query: undefined;
    body: undefined;
    result: OfferedOutputBody;
  };
  /** Go on with a run that was interrupted */
  resumeRun: {
    path: { id: string };
    query: undefined;
    body: undefined;
    result: RunHead;
  };
  /** Stop a run */
  stopRun: {
    path: { id: string };
    query: undefined;
    body: undefined;
    result: DoneOutputBody;
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
  /** What runs wait for */
  listWaits: {
    path: undefined;
    query: { limit?: number; after?: string; conversationId?: string; runId?: string; open?: boolean };
    body: undefined;
    result: PageWaitView;
  };
  /** Go on without the tool that wants a sign-in */
  skipWait: {
    path: { id: string };
    query: undefined;
    body: SkipInputBody;
    result: WaitView;
  };
}

/** Where the operations are that nobody has to be signed in for. */
export const openRoutes: { [N in keyof Operations]?: readonly [string, string] } = {
  login: ["POST", "/api/auth/login"],
  logout: ["POST", "/api/auth/logout"],
  register: ["POST", "/api/auth/register"],
  setup: ["POST", "/api/auth/setup"],
  getSite: ["GET", "/api/config"],
  getUser: ["GET", "/api/user"],
};
