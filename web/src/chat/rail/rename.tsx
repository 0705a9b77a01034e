import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { messageOf } from "../../api/errors";
import { chatKeys } from "../keys";
import { inputClass } from "../../ui/field";
import { toast } from "../../ui/toast";
import { changeConversation } from "../remote";
import type { ConversationView } from "../types";

/** Rename takes a new title in the place of the old one. */
export function Rename({ conversation, onClose }: { conversation: ConversationView; onClose: () => void }) {
  const cache = useQueryClient();
  const [title, setTitle] = useState(conversation.title);
  const save = useMutation({
    mutationFn: (title: string) => changeConversation(conversation.id, { title }),
    onSuccess: (c) => {
      cache.setQueryData(chatKeys.one(c.id), c);
      void cache.invalidateQueries({ queryKey: chatKeys.lists });
    },
    onError: (error) => toast(messageOf(error)),
    onSettled: onClose,
  });
  const done = () => {
    const next = title.trim();
    if (next === "" || next === conversation.title) onClose();
    else if (!save.isPending) save.mutate(next);
  };
  return (
    <form
      onSubmit={(e) => {
        e.preventDefault();
        done();
      }}
    >
      <input
        aria-label="Title of the chat"
        autoFocus
        value={title}
        maxLength={200}
        onFocus={(e) => e.target.select()}
        onChange={(e) => setTitle(e.target.value)}
        onBlur={done}
        onKeyDown={(e) => {
          if (e.key !== "Escape") return;
          e.stopPropagation();
          onClose();
        }}
        className={inputClass}
      />
    </form>
  );
}
