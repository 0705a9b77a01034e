import type { ServerView } from "../api/schema";

export interface Variable {
  name: string;
  title: string;
  description: string;
  sensitive: boolean;
}

/** variablesOf lists what a server asks of each person, in one form. Short ones are masked. */
export function variablesOf(server: Pick<ServerView, "customUserVars">): Variable[] {
  return Object.entries(server.customUserVars ?? {}).map(([name, v]) =>
    typeof v === "string" ? { name, title: v || name, description: "", sensitive: true } : { name, title: v.title || name, description: v.description, sensitive: v.sensitive },
  );
}
