import { useMutation, useQueryClient } from "@tanstack/react-query";
import { messageOf } from "../../api/errors";
import { Button } from "../../ui/button";
import { Dialog } from "../../ui/dialog";
import { Banner } from "../../ui/feedback";
import { type Edited, readEdited, took } from "./remote";

/** StaleDialog says that the server was changed elsewhere meanwhile, and lets one of the two win. */
export function StaleDialog({ name, busy, onReload, onOverwrite, onClose }: { name: string; busy: boolean; onReload: (edited: Edited) => void; onOverwrite: () => void; onClose: () => void }) {
  const cache = useQueryClient();
  const reload = useMutation({
    mutationFn: () => readEdited(name),
    onSuccess: (fresh) => {
      took(cache, fresh.server);
      onReload(fresh);
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
        <p>Somebody, or you in another tab, saved this server after you opened it. Reload drops your changes and shows theirs; Overwrite puts yours over them.</p>
        {reload.isError && (
          <Banner tone="error" alert>
            {messageOf(reload.error)}
          </Banner>
        )}
      </div>
    </Dialog>
  );
}
