import { useMutation, useQueryClient } from "@tanstack/react-query";
import { call } from "../api/client";
import { messageOf } from "../api/errors";
import type { AgentView } from "../api/schema";
import { Button } from "../ui/button";
import { Dialog } from "../ui/dialog";
import { Banner } from "../ui/feedback";
import { took } from "./remote";

/** StaleDialog says that the agent was changed elsewhere meanwhile, and lets one of the two win. */
export function StaleDialog({ id, busy, onReload, onOverwrite, onClose }: { id: string; busy: boolean; onReload: (agent: AgentView) => void; onOverwrite: () => void; onClose: () => void }) {
  const cache = useQueryClient();
  const reload = useMutation({
    mutationFn: () => call("getAgent", { path: { id } }),
    onSuccess: (agent) => {
      took(cache, agent);
      onReload(agent);
    },
  });
  return (
    <Dialog
      open
      onClose={onClose}
      title="Changed elsewhere meanwhile"
      footer={
        <>
          <Button onClick={onClose}>Keep editing</Button>
          <Button busy={reload.isPending} onClick={() => reload.mutate()}>
            Reload
          </Button>
          <Button look="danger" busy={busy} onClick={onOverwrite}>
            Overwrite
          </Button>
        </>
      }
    >
      <div className="flex flex-col gap-3 text-sm">
        <p>Somebody, or you in another tab, saved this agent after you opened it. Reload drops your changes and shows theirs; Overwrite saves yours. The earlier version stays among the versions.</p>
        {reload.isError && (
          <Banner tone="error" alert>
            {messageOf(reload.error)}
          </Banner>
        )}
      </div>
    </Dialog>
  );
}
