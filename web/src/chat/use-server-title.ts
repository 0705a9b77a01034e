import { useServers } from "./server-menu-state";

/** useServerTitle is how people know a server; its name, when it is not there any more. */
export function useServerTitle(name: string): string {
  return useServers().servers.find((s) => s.name === name)?.title || name;
}
