import type { ReactNode, RefObject } from "react";
import { Banner } from "../ui/feedback";
import { base } from "../lib/base";
import { useTitle } from "../lib/use-title";
import { Mark } from "../shell/mark";
import { useSite } from "./use-site";

/** Gate is the frame of the pages before one is signed in. */
export function Gate({ title, lead, children, below }: { title: string; lead?: ReactNode; children: ReactNode; below?: ReactNode }) {
  useTitle(title);
  const site = useSite();
  return (
    <div className="flex min-h-dvh flex-col items-center justify-center px-4 py-10">
      <main className="w-full max-w-sm">
        <div className="mb-6 flex items-center gap-2.5">
          <Mark className="size-8" />
          <span className="foreign text-lg font-semibold">{site?.appTitle || "patchbay"}</span>
        </div>
        <div className="rounded-2xl border border-line bg-surface p-6 shadow-pop">
          <h1 className="text-xl font-semibold">{title}</h1>
          {lead && <div className="mt-1 text-sm text-muted">{lead}</div>}
          <div className="mt-5">{children}</div>
        </div>
        {below && <div className="mt-4 text-center text-sm text-muted">{below}</div>}
      </main>
    </div>
  );
}

/** Summary says what went wrong with a form, and takes the focus. */
export function Summary({ form }: { form: { error: string; wait: number; summary: RefObject<HTMLDivElement | null> } }) {
  if (!form.error) return null;
  return (
    <Banner tone="error" alert ref={form.summary}>
      {form.error}
      {form.wait > 0 && (
        <>
          {" "}
          <span aria-hidden>Try again in {form.wait} s.</span>
        </>
      )}
    </Banner>
  );
}

/** inside returns where the person was going, when that is a path of ours. */
export function inside(next: string | undefined): string {
  const home = `${base}/`;
  if (!next?.startsWith("/")) return home;
  const there = new URL(next, location.origin);
  return there.origin === location.origin && there.pathname.startsWith(home) ? there.pathname + there.search : home;
}
