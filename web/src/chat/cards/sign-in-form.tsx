import { useQuery } from "@tanstack/react-query";
import { ExternalLink } from "lucide-react";
import { call } from "../../api/client";
import { messageOf } from "../../api/errors";
import { label } from "../../lib/text";
import { Button, buttonClass } from "../../ui/button";
import { CopyButton } from "../../ui/copy-button";
import { Banner } from "../../ui/feedback";
import { skipWait } from "../remote";
import type { WaitView } from "../types";
import { span, useLeft } from "../use-elapsed";
import { useAnswer } from "./use-answer";

interface Link {
  url: string;
  provider: string;
  until: string;
}

/** SignInForm leads to the sign-in that a call waits for. The run goes on by itself once it is done. */
export function SignInForm({ wait, tool, server }: { wait: WaitView; tool: string; server: string }) {
  const link = useQuery({
    queryKey: ["signin-link", wait.id],
    queryFn: async (): Promise<Link | null> => {
      const answer = await call("reinitialize", { path: { serverName: wait.serverName } });
      if (!answer.oauthUrl) {
        if (answer.oauthRequired || answer.success) return null;
        throw new Error(answer.message);
      }
      return { url: ours(answer.oauthUrl), provider: answer.provider ?? "", until: new Date(Date.now() + (answer.oauthTimeout ?? 600_000)).toISOString() };
    },
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
  });
  const skip = useAnswer(() => skipWait(wait.id));
  const left = useLeft(link.data?.until ?? null);
  const host = label(link.data?.provider || wait.provider || "", 100);
  const name = server || "the server";
  const over = left === 0;
  return (
    <div className="flex flex-col gap-3 rounded-xl border border-key bg-key-tint p-3 text-sm">
      <p className="foreign">
        <strong>{name}</strong> needs you to sign in. {host ? <strong>{host}</strong> : "Its sign-in page"} opens in a new tab; {tool} goes on by itself once you are back.
      </p>
      {(link.isError || skip.isError) && (
        <Banner tone="error" alert>
          {messageOf(link.error ?? skip.error)}
        </Banner>
      )}
      <div className="flex flex-wrap items-center gap-2">
        {link.data && !over ? (
          <>
            <a href={link.data.url} target="_blank" rel="noopener" className={buttonClass("primary")}>
              <ExternalLink aria-hidden className="size-4" />
              Sign in to {name}
            </a>
            <CopyButton text={link.data.url} label="Copy link" />
          </>
        ) : (
          <Button look="primary" busy={link.isFetching} onClick={() => void link.refetch()}>
            {link.isFetching ? "Making the link…" : over ? "New link" : "Try again"}
          </Button>
        )}
        <Button busy={skip.isPending} onClick={() => skip.mutate(undefined)}>
          Skip this tool
        </Button>
      </div>
      <p className="text-muted">
        {over ? "The sign-in link expired." : "Waiting for sign-in…"}
        {left !== null && left > 0 && <span aria-hidden> {span(left)} left</span>}
      </p>
    </div>
  );
}

// ours is the link as an address of this origin or of the one patchbay says it is at: never a script.
function ours(url: string): string {
  const there = new URL(url, location.origin);
  if (there.protocol !== "http:" && there.protocol !== "https:") throw new Error("The sign-in link leads nowhere.");
  return there.href;
}
