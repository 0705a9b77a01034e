import { Menu, SquarePen } from "lucide-react";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { useDrawer } from "../shell/drawer";
import { buttonClass, IconButton } from "../ui/button";
import { allOf, tokens } from "./messages/usage";
import { ConversationMenu } from "./rail/conversation-menu";
import { Rename } from "./rail/rename";
import { titleOf } from "./rail/title";
import type { ConversationView } from "./types";

/** TopBar names the conversation; on a phone it leads to the others. */
export function TopBar({ conversation }: { conversation?: ConversationView }) {
  const openDrawer = useDrawer();
  const [renaming, setRenaming] = useState(false);
  const title = titleOf(conversation);
  const u = conversation?.usage;
  return (
    <div className="no-print flex min-h-12 shrink-0 items-center gap-2 border-b border-line bg-surface px-2 md:bg-transparent md:px-4">
      <IconButton label="Open navigation" icon={Menu} onClick={openDrawer} className="md:hidden" />
      {renaming && conversation ? (
        <div className="min-w-0 max-w-md flex-1">
          <Rename conversation={conversation} onClose={() => setRenaming(false)} />
        </div>
      ) : (
        <h1 className="foreign min-w-0 truncate font-medium [overflow-wrap:normal]">{title}</h1>
      )}
      {conversation && !renaming && <ConversationMenu conversation={conversation} open onRename={() => setRenaming(true)} />}
      {u && u.input + u.output > 0 && (
        <p className="ml-auto hidden shrink-0 text-xs text-muted sm:block" title={allOf(u)}>
          <span className="sr-only">Tokens of this chat: </span>
          {tokens(u)}
        </p>
      )}
      <Link to="/c/$id" params={{ id: "new" }} search={{}} aria-label="New chat" className={buttonClass("quiet", "ml-auto size-11 shrink-0 px-0! md:hidden!")}>
        <SquarePen aria-hidden className="size-4.5" />
      </Link>
    </div>
  );
}

