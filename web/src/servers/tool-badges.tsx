import { Badge } from "../ui/feedback";
import { cx } from "../lib/cx";

interface Hints {
  readOnlyHint?: boolean;
  destructiveHint?: boolean;
  idempotentHint?: boolean;
  openWorldHint?: boolean;
}

function hintsOf(annotations: unknown): Hints {
  return typeof annotations === "object" && annotations !== null ? (annotations as Hints) : {};
}

const implied = (said: unknown) => (said === undefined ? "border border-dashed border-control" : "bg-sunken text-text");

/** ToolBadges say what a server claims of a tool; what is only implied has a dashed border. */
export function ToolBadges({ annotations, stale }: { annotations: unknown; stale?: boolean }) {
  const h = hintsOf(annotations);
  return (
    <span className="flex flex-wrap gap-1.5">
      {h.readOnlyHint === true ? (
        <Badge look="bg-ok-tint text-ok">Read-only</Badge>
      ) : h.destructiveHint === false ? (
        <Badge look={implied(h.readOnlyHint)}>Changes things</Badge>
      ) : (
        <Badge look={cx("text-danger", h.destructiveHint === undefined ? implied(undefined) : "bg-danger-tint")}>
          Destructive{h.destructiveHint === undefined && <span className="sr-only"> (not said, so assumed)</span>}
        </Badge>
      )}
      {stale && <Badge look="bg-plug-tint text-plug">Last known list</Badge>}
    </span>
  );
}
