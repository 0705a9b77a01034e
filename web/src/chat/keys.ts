/** chatKeys are the names of what the chat has in the query cache. */
export const chatKeys = {
  all: ["chat"],
  lists: ["chat", "list"],
  list: (search: string, archived: boolean) => ["chat", "list", search, archived],
  one: (id: string) => ["chat", "one", id],
  messages: (id: string) => ["chat", "messages", id],
  call: (run: string, call: string) => ["chat", "call", run, call],
  specs: ["chat", "specs"],
  agents: ["chat", "agents"],
} as const;
