import { RefreshCw } from "lucide-react";
import { cx } from "../../lib/cx";
import { duration } from "../../lib/format";
import { label } from "../../lib/text";
import { IconButton } from "../../ui/button";
import { CopyButton } from "../../ui/copy-button";
import type { Live } from "../runs";
import type { MessageView } from "../types";
import { Branch, type Way } from "./branch";
import { textOf } from "./items";
import { tokens } from "./usage";

/** barLook: there for the keyboard and for touch always, for the mouse when it is near. */
export const barLook = (last: boolean): string =>
  cx("flex flex-wrap items-center gap-0.5 transition-opacity", !last && "md:pointer-fine:opacity-0 md:pointer-fine:group-focus-within/message:opacity-100 md:pointer-fine:group-hover/message:opacity-100");

export function AnswerBar({ live, message, siblings, way, last }: { live: Live; message: MessageView; siblings: string[]; way: Way; last: boolean }) {
  const { run } = live;
  const took = run.createdAt && run.endedAt ? Date.parse(run.endedAt) - Date.parse(run.createdAt) : 0;
  const total = run.usage.input + run.usage.output;
  return (
    <div className={cx(barLook(last), "-ml-1.5 -mt-1.5 min-h-9 md:min-h-7")}>
      <CopyButton bare small text={() => textOf(live)} label="Copy answer" />
      <IconButton label="Answer again" icon={RefreshCw} className="text-muted! md:size-7! [&_svg]:size-4" aria-disabled={way.busy || undefined} onClick={() => !way.busy && way.again(message.id)} />
      <Branch id={message.id} siblings={siblings} go={way.go} />
      <span className="foreign ml-1.5 text-xs text-muted">
        {label(run.model, 60)}
        {total > 0 && ` · ${tokens(run.usage)}`}
        {took > 0 && ` · ${duration(took)}`}
      </span>
    </div>
  );
}
