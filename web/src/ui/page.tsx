import type { ReactNode } from "react";
import { useTitle } from "../lib/use-title";

/** Page is the frame of every page inside the shell: one heading, what it is for, its actions. */
export function Page({ title, heading, lead, actions, children, wide }: { title: string; heading?: ReactNode; lead?: ReactNode; actions?: ReactNode; children: ReactNode; wide?: boolean }) {
  useTitle(title);
  return (
    <div className={`mx-auto flex w-full flex-col gap-5 px-4 py-6 md:px-8 md:py-8 ${wide ? "max-w-6xl" : "max-w-4xl"}`}>
      <div className="flex flex-wrap items-start justify-between gap-3">
        <div className="min-w-0 flex-1 basis-60">
          <h1 className="text-xl font-semibold leading-8">{heading ?? title}</h1>
          {lead && <div className="max-w-prose text-sm text-muted">{lead}</div>}
        </div>
        {actions && <div className="flex flex-wrap gap-2">{actions}</div>}
      </div>
      {children}
    </div>
  );
}

/** Panel is a part of a page with a heading of its own. */
export function Panel({ title, lead, actions, children }: { title: string; lead?: ReactNode; actions?: ReactNode; children: ReactNode }) {
  return (
    <section className="rounded-2xl border border-line bg-surface">
      <div className="flex flex-wrap items-start justify-between gap-3 border-b border-line px-4 py-3 md:px-5">
        <div className="min-w-0 flex-1 basis-48">
          <h2 className="font-semibold">{title}</h2>
          {lead && <div className="text-sm text-muted">{lead}</div>}
        </div>
        {actions}
      </div>
      <div className="px-4 py-4 md:px-5">{children}</div>
    </section>
  );
}
