import { ExternalLink } from "lucide-react";
import { useEffect, useState } from "react";
import { label } from "../lib/text";
import { buttonClass } from "../ui/button";
import { CopyButton } from "../ui/copy-button";
import type { SignIn } from "./use-connect";

/** SignInPrompt is a real link, so that no popup blocker can stop it and it can be taken to another device. */
export function SignInPrompt({ signIn, title }: { signIn: SignIn; title: string }) {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 1000);
    return () => clearInterval(timer);
  }, []);
  const left = Math.max(0, Math.floor((signIn.until - now) / 1000));
  const host = label(signIn.provider, 100);
  if (left === 0) return <p className="text-sm">The sign-in link expired. Authenticate again for a new one.</p>;
  return (
    <div className="flex flex-col gap-3 rounded-xl border border-key bg-key-tint p-4 text-sm">
      <p>
        {title} needs you to sign in. {host ? <strong className="foreign">{host}</strong> : "Its sign-in page"} opens in a new tab.
      </p>
      <div className="flex flex-wrap gap-2">
        <a href={signIn.url} target="_blank" rel="noopener" className={buttonClass("primary")}>
          <ExternalLink aria-hidden className="size-4" />
          Sign in to {title}
        </a>
        <CopyButton text={signIn.url} label="Copy link" />
      </div>
      <p className="text-muted">
        Waiting for sign-in…{" "}
        <span aria-hidden>
          {Math.floor(left / 60)}:{String(left % 60).padStart(2, "0")} left
        </span>
      </p>
    </div>
  );
}
