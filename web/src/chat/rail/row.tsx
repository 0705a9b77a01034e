import { Link } from "@tanstack/react-router";
import { LoaderCircle, MessageCircleWarning } from "lucide-react";
import { useState } from "react";
import { cx } from "../../lib/cx";
import type { ConversationView } from "../types";
import { ConversationMenu } from "./conversation-menu";
import { Rename } from "./rename";
import { titleOf } from "./title";

/** Row is a conversation in the rail. */
export function Row({ conversation: c, open, onGo }: { conversation: ConversationView; open: boolean; onGo?: () => void }) {
  const [renaming, setRenaming] = useState(false);
  const title = titleOf(c);
  if (renaming) {
    return (
      <li>
        <Rename conversation={c} onClose={() => setRenaming(false)} />
      </li>
    );
  }
  return (
    <li className={cx("group flex items-center rounded-lg", open ? "bg-accent-tint" : "hover:bg-sunken")}>
      <Link
        to="/c/$id"
        params={{ id: c.id }}
        search={(old: Record<string, unknown>) => ({ q: old.q as string | undefined, archived: old.archived as true | undefined })}
        onClick={onGo}
        aria-current={open ? "page" : undefined}
        title={title}
        className={cx("flex min-h-11 min-w-0 flex-1 items-center gap-2 rounded-lg pl-2 text-sm no-underline md:min-h-8", open ? "font-medium text-accent" : "text-text")}
      >
        <span className="foreign min-w-0 flex-1 truncate [overflow-wrap:normal]">{title}</span>
        {c.run?.status === "running" && (
          <>
            <LoaderCircle aria-hidden className="size-3.5 shrink-0 animate-spin text-busy motion-reduce:animate-none" />
            <span className="sr-only"> (being answered)</span>
          </>
        )}
        {c.run?.status === "waiting" && (
          <>
            <MessageCircleWarning aria-hidden className="size-4 shrink-0 text-key" />
            <span className="sr-only"> (waits for you)</span>
          </>
        )}
      </Link>
      <ConversationMenu conversation={c} open={open} onRename={() => setRenaming(true)} className="md:pointer-fine:opacity-0 md:pointer-fine:group-focus-within:opacity-100 md:pointer-fine:group-hover:opacity-100 md:pointer-fine:data-[state=open]:opacity-100" />
    </li>
  );
}
