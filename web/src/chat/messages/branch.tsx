import { ChevronLeft, ChevronRight } from "lucide-react";
import { IconButton } from "../../ui/button";

/** Way is what can be done along the way through a conversation. */
export interface Way {
  /** go shows another message in the place of one. */
  go: (message: string) => void;
  edit: (message: string, text: string, attachments: string[]) => Promise<void>;
  again: (message: string) => void;
  /** busy: an answer is under way, so that none can be begun. */
  busy: boolean;
}

/** Branch leads between what was written in one place: ‹ 2/3 ›. */
export function Branch({ id, siblings, go }: { id: string; siblings: string[]; go: Way["go"] }) {
  if (siblings.length < 2) return null;
  const at = siblings.indexOf(id);
  const small = "size-9! text-muted! md:size-7! [&_svg]:size-4";
  return (
    <span role="group" aria-label="Versions" className="flex items-center text-xs text-muted">
      <IconButton label="Version before" icon={ChevronLeft} className={small} aria-disabled={at <= 0 || undefined} onClick={() => at > 0 && go(siblings[at - 1] ?? id)} />
      <span className="tabular-nums">
        {at + 1}/{siblings.length}
      </span>
      <IconButton label="Next version" icon={ChevronRight} className={small} aria-disabled={at >= siblings.length - 1 || undefined} onClick={() => at < siblings.length - 1 && go(siblings[at + 1] ?? id)} />
    </span>
  );
}
