import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { Copy, History, Trash2 } from "lucide-react";
import { useState } from "react";
import { call } from "../api/client";
import { messageOf } from "../api/errors";
import { keys } from "../api/keys";
import type { AgentView } from "../api/schema";
import { label } from "../lib/text";
import { Button } from "../ui/button";
import { Confirm } from "../ui/confirm";
import { toast } from "../ui/toast";
import { dropLists, took } from "./remote";
import { Versions } from "./versions";

/** AgentActions are what can be done with an agent beside changing it. */
export function AgentActions({ agent, dirty, onReverted, onLeave }: { agent: AgentView; dirty: boolean; onReverted: (agent: AgentView) => void; onLeave: () => void }) {
  const cache = useQueryClient();
  const navigate = useNavigate();
  const [showing, setShowing] = useState<"versions" | "delete" | null>(null);
  const may = (p: string) => agent.permissions?.includes(p) ?? false;
  const duplicate = useMutation({
    mutationFn: () => call("duplicateAgent", { path: { id: agent.id } }),
    onSuccess: (copy) => {
      took(cache, copy);
      toast("Duplicated: this is the copy");
      void navigate({ to: "/agents/$id", params: { id: copy.id } });
    },
    onError: (error) => toast(messageOf(error)),
  });
  const remove = useMutation({
    mutationFn: () => call("deleteAgent", { path: { id: agent.id } }),
    onSuccess: () => {
      onLeave();
      toast("Agent deleted");
      void navigate({ to: "/agents", search: {}, replace: true }).then(() => {
        cache.removeQueries({ queryKey: keys.agents.one(agent.id) });
        dropLists(cache);
      });
    },
    onError: (error) => {
      setShowing(null);
      toast(messageOf(error));
    },
  });
  return (
    <>
      <Button icon={Copy} busy={duplicate.isPending} onClick={() => duplicate.mutate()}>
        Duplicate
      </Button>
      <Button icon={History} onClick={() => setShowing("versions")}>
        Versions
      </Button>
      {may("DELETE") && (
        <Button look="danger" icon={Trash2} onClick={() => setShowing("delete")}>
          Delete
        </Button>
      )}
      {showing === "versions" && <Versions agent={agent} dirty={dirty} editable={may("EDIT")} onReverted={onReverted} onClose={() => setShowing(null)} />}
      <Confirm open={showing === "delete"} title={`Delete ${label(agent.name, 60)}?`} action="Delete" busy={remove.isPending} onConfirm={() => remove.mutate()} onClose={() => setShowing(null)}>
        The agent and all its versions go, for everybody it is shared with. Chats that used it keep their messages.
      </Confirm>
    </>
  );
}
