/** keys are the names of what is in the query cache. */
export const keys = {
  me: ["me"],
  servers: {
    all: ["servers"],
    lists: ["servers", "list"],
    list: (search: string) => ["servers", "list", search],
    one: (name: string) => ["servers", "one", name],
    flags: (name: string) => ["servers", "flags", name],
    log: (name: string) => ["serverLog", name],
  },
  tools: {
    of: (server: string) => ["tools", server],
  },
  tokens: ["tokens"],
  logins: ["logins"],
  users: { all: ["users"], list: (search: string) => ["users", search] },
  config: ["config"],
  site: ["site"],
  agents: { all: ["agents"], list: (search: string) => ["agents", "list", search], one: (id: string) => ["agents", "one", id], versions: (id: string) => ["agents", "versions", id] },
  providers: ["providers"],
  modelKeys: ["modelKeys"],
  approvals: ["approvals"],
  firstChat: ["firstChat"],
} as const;
