import { Settings2 } from "lucide-react";
import { useId } from "react";
import { cx } from "../lib/cx";
import { type StatusName, statuses } from "./status";

export function StatusIcon({ status, className }: { status: StatusName; className?: string }) {
  const { icon: Icon, colour } = statuses[status];
  return <Icon aria-hidden className={cx("size-4.5 shrink-0", colour, status === "initializing" && "animate-spin motion-reduce:animate-none", className)} />;
}

const pill = "inline-flex items-center gap-1.5 whitespace-nowrap rounded-full px-2.5 text-xs font-medium";

/** StatusBadge says a status by shape, word and colour. */
export function StatusBadge({ status }: { status: StatusName }) {
  const look = statuses[status];
  return (
    <span className={cx(pill, "min-h-6", look.colour, look.tint)}>
      <StatusIcon status={status} className="size-4!" />
      {look.word}
      {look.description && <span className="sr-only"> ({look.description})</span>}
    </span>
  );
}

/** statusButton finds the button of a server on the page, or else the chip of the servers' menu. */
export function statusButton(name: string): HTMLElement | null {
  return document.querySelector<HTMLElement>(`[data-status-of="${CSS.escape(name)}"]`) ?? document.querySelector<HTMLElement>("[data-server-menu]");
}

/** StatusButton is the badge that opens the server's configuration. */
export function StatusButton({ status, name, server, onClick }: { status: StatusName; name: string; server: string; onClick: () => void }) {
  const look = statuses[status];
  const id = useId();
  return (
    <button
      type="button"
      onClick={onClick}
      data-status-of={name}
      aria-describedby={look.description && id}
      title={`Configure ${server}`}
      className={cx(pill, "min-h-11 border border-transparent hover:border-current md:min-h-8", look.colour, look.tint)}
    >
      <StatusIcon status={status} className="size-4!" />
      {look.word}
      <span className="sr-only">: configure {server}</span>
      {look.description && (
        <span id={id} hidden>
          {look.description}
        </span>
      )}
      <Settings2 aria-hidden className="size-3.5 opacity-70" />
    </button>
  );
}
