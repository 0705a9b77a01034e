import { CircleAlert, Info, type LucideIcon, TriangleAlert } from "lucide-react";
import type { ReactNode, Ref } from "react";
import { messageOf } from "../api/errors";
import { cx } from "../lib/cx";
import { Button } from "./button";

const tones = {
  error: ["border-danger bg-danger-tint text-danger", CircleAlert],
  warning: ["border-key bg-key-tint text-key", TriangleAlert],
  note: ["border-line bg-sunken text-text", Info],
} as const;

/** Banner says one thing that matters on the page it stands in. */
export function Banner({ tone = "note", children, action, alert, ref }: { tone?: keyof typeof tones; children: ReactNode; action?: ReactNode; alert?: boolean; ref?: Ref<HTMLDivElement> }) {
  const [look, Icon] = tones[tone];
  return (
    <div ref={ref} tabIndex={ref ? -1 : undefined} role={alert ? "alert" : undefined} className={cx("flex flex-wrap items-center gap-x-3 gap-y-2 rounded-lg border px-3 py-2 text-sm", look)}>
      <Icon aria-hidden className="size-4.5 shrink-0" />
      <div className="min-w-0 flex-1 basis-48">{children}</div>
      {action}
    </div>
  );
}

/** Failed is shown in place of what could not be read. */
export function Failed({ error, retry, what }: { error: unknown; retry?: () => void; what: string }) {
  return (
    <Banner
      tone="error"
      alert
      action={
        retry && (
          <Button onClick={retry}>
            Try again
          </Button>
        )
      }
    >
      <p className="font-medium">{what} could not be read.</p>
      <p>{messageOf(error)}</p>
    </Banner>
  );
}

export function Empty({ icon: Icon, title, children, action }: { icon: LucideIcon; title: string; children?: ReactNode; action?: ReactNode }) {
  return (
    <div className="flex flex-col items-center gap-2 rounded-2xl border border-dashed border-line px-6 py-12 text-center">
      <Icon aria-hidden className="size-8 text-muted" />
      <p className="font-medium">{title}</p>
      {children && <div className="max-w-md text-sm text-muted">{children}</div>}
      {action && <div className="mt-2">{action}</div>}
    </div>
  );
}

/** Skeleton holds the place of rows that are on their way. */
export function Skeleton({ rows = 3, what }: { rows?: number; what: string }) {
  return (
    <div role="status" className="flex flex-col gap-3">
      <span className="sr-only">Reading {what}</span>
      {Array.from({ length: rows }, (_, i) => (
        <div key={i} aria-hidden className="h-16 animate-pulse rounded-xl bg-sunken" />
      ))}
    </div>
  );
}

export function Badge({ children, look = "bg-sunken text-text", className }: { children: ReactNode; look?: string; className?: string }) {
  return <span className={cx("inline-flex items-center gap-1 whitespace-nowrap rounded-full px-2.5 py-0.5 text-xs font-medium", look, className)}>{children}</span>;
}
