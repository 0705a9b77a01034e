import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { Archive, ArchiveRestore, Ellipsis, type LucideIcon, Pencil, Trash2 } from "lucide-react";
import { DropdownMenu } from "radix-ui";
import { type ReactNode, useState } from "react";
import { messageOf } from "../../api/errors";
import { chatKeys } from "../keys";
import { cx } from "../../lib/cx";
import { Confirm } from "../../ui/confirm";
import { toast } from "../../ui/toast";
import { changeConversation, deleteConversation } from "../remote";
import { menuButton, type MenuProps as Props } from "./menu-button";
import { titleOf } from "./title";

/** ConversationMenuOpen is what can be done with a conversation as a whole; it is there once it is wanted. */
export function ConversationMenuOpen({ conversation: c, open, onRename, className }: Props) {
  const cache = useQueryClient();
  const navigate = useNavigate();
  const [asking, setAsking] = useState(false);
  const again = () => void cache.invalidateQueries({ queryKey: chatKeys.lists });
  const leave = () => {
    if (open) void navigate({ to: "/c/$id", params: { id: "new" }, search: {} });
  };
  const archive = useMutation({
    mutationFn: (archived: boolean) => changeConversation(c.id, { archived }),
    onSuccess: (changed) => {
      cache.setQueryData(chatKeys.one(c.id), changed);
      toast(changed.archived ? "Archived" : "Back in the list");
      if (changed.archived) leave();
    },
    onError: (error) => toast(messageOf(error)),
    onSettled: again,
  });
  const remove = useMutation({
    mutationFn: () => deleteConversation(c.id),
    onSuccess: () => {
      setAsking(false);
      toast("Deleted");
      leave();
      again();
    },
    onError: (error) => toast(messageOf(error)),
  });
  const title = titleOf(c);
  return (
    <>
      <DropdownMenu.Root defaultOpen>
        <DropdownMenu.Trigger aria-label={`Actions for ${title}`} className={menuButton(className)}>
          <Ellipsis aria-hidden className="size-4" />
        </DropdownMenu.Trigger>
        <DropdownMenu.Portal>
          <DropdownMenu.Content align="end" sideOffset={4} collisionPadding={8} className="z-50 min-w-44 rounded-xl border border-line bg-surface p-1 shadow-pop">
            <Act icon={Pencil} onSelect={onRename}>
              Rename
            </Act>
            <Act icon={c.archived ? ArchiveRestore : Archive} onSelect={() => archive.mutate(!c.archived)}>
              {c.archived ? "Take out of the archive" : "Archive"}
            </Act>
            <Act icon={Trash2} look="text-danger" onSelect={() => setAsking(true)}>
              Delete…
            </Act>
          </DropdownMenu.Content>
        </DropdownMenu.Portal>
      </DropdownMenu.Root>
      <Confirm open={asking} title="Delete this chat?" action="Delete" busy={remove.isPending} onConfirm={() => remove.mutate()} onClose={() => setAsking(false)}>
        <p className="foreign">
          “{title}” and everything in it is erased: messages, results of tools and attachments{c.run ? ", and the answer that is being written" : ""}.
        </p>
      </Confirm>
    </>
  );
}

function Act({ icon: Icon, look = "", children, onSelect }: { icon: LucideIcon; look?: string; children: ReactNode; onSelect: () => void }) {
  return (
    <DropdownMenu.Item onSelect={onSelect} className={cx("flex min-h-11 cursor-pointer select-none items-center gap-2.5 rounded-lg px-2.5 text-sm outline-none data-highlighted:bg-sunken md:min-h-8.5", look)}>
      <Icon aria-hidden className="size-4" />
      {children}
    </DropdownMenu.Item>
  );
}
