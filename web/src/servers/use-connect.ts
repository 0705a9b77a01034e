import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { call } from "../api/client";
import { messageOf } from "../api/errors";
import { keys } from "../api/keys";
import type { ReinitializeOutputBody, ServerView } from "../api/schema";

/** SignIn is a sign-in that waits for the person. */
export interface SignIn {
  url: string;
  provider: string; // the host that it leads to
  until: number; // ms since 1970
}

const signInKey = (name: string) => ["signin", name];

export function useSignIn(name: string): SignIn | null {
  const { data } = useQuery<SignIn | null>({ queryKey: signInKey(name), queryFn: () => null, enabled: false, initialData: null });
  return data;
}

/** useConfigure returns how to open the dialog of a server: it is a part of the address. */
export function useConfigure(): (name: string | undefined) => void {
  const navigate = useNavigate();
  return (name) =>
    void navigate({ to: ".", search: (old: Record<string, unknown>) => ({ ...old, configure: name }), replace: name === undefined } as never);
}

// ours accepts only a way to sign in that begins on this host.
function ours(url: string | undefined): string | null {
  if (!url) return null;
  try {
    const there = new URL(url, location.origin);
    return there.protocol === "http:" || there.protocol === "https:" ? there.href : null;
  } catch {
    return null;
  }
}

/**
 * useConnect starts and stops connects of one server. Its status arrives by events. What
 * a person has to give is asked for in the server's dialog, or inline by who calls.
 */
export function useConnect(server: Pick<ServerView, "name">, inline = false) {
  const cache = useQueryClient();
  const configure = useConfigure();
  const name = server.name;
  const connect = useMutation<ReinitializeOutputBody>({
    mutationKey: ["connect", name],
    mutationFn: () => call("reinitialize", { path: { serverName: name } }),
    onSuccess: (answer) => {
      const url = ours(answer.oauthUrl);
      cache.setQueryData<SignIn | null>(signInKey(name), url ? { url, provider: answer.provider ?? "", until: Date.now() + (answer.oauthTimeout ?? 600_000) } : null);
      if (inline) return;
      if (answer.oauthRequired || (answer.missingUserVars?.length ?? 0) > 0) configure(name);
    },
    onSettled: () => {
      void cache.invalidateQueries({ queryKey: keys.servers.all });
      void cache.invalidateQueries({ queryKey: keys.tools.of(name) });
    },
  });
  const cancel = useMutation({
    mutationFn: () => call("cancelSignIn", { path: { serverName: name } }),
    onSuccess: () => cache.setQueryData<SignIn | null>(signInKey(name), null),
    onSettled: () => void cache.invalidateQueries({ queryKey: keys.servers.all }),
  });
  const signOut = useMutation({
    mutationFn: () => call("signOut", { path: { serverName: name } }),
    onSettled: () => void cache.invalidateQueries({ queryKey: keys.servers.all }),
  });
  const failed = connect.error ?? cancel.error ?? signOut.error;
  return {
    connect,
    cancel,
    signOut,
    /** problem is why the last action did not work, when the status does not say it. */
    problem: failed ? messageOf(failed) : "",
  };
}
