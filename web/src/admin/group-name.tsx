import { useQueryClient } from "@tanstack/react-query";
import { Summary } from "../account/gate";
import { call } from "../api/client";
import type { GroupView } from "../api/schema";
import { label } from "../lib/text";
import { useForm } from "../lib/use-form";
import { Button } from "../ui/button";
import { Dialog } from "../ui/dialog";
import { TextField } from "../ui/field";
import { toast } from "../ui/toast";
import { groupsKey } from "./groups-remote";

interface Props {
  group: GroupView | undefined;
  /** onClose gets the group when one was made. */
  onClose: (made?: GroupView) => void;
}

/** GroupName makes a group, or gives one another name. */
export function GroupName({ group, onClose }: Props) {
  return (
    <Dialog open onClose={() => onClose()} title={group ? `Rename ${label(group.name, 60)}` : "New group"} description={group ? "What is shared with it stays. The configuration file names groups: change the name there too." : undefined}>
      <Form group={group} onClose={onClose} />
    </Dialog>
  );
}

function Form({ group, onClose }: Props) {
  const cache = useQueryClient();
  const form = useForm(
    async (v): Promise<GroupView | undefined> => {
      const body = { name: v.name ?? "" };
      if (!group) return call("createGroup", { body });
      await call("renameGroup", { path: { id: group.id }, body });
      return undefined;
    },
    (made) => {
      void cache.invalidateQueries({ queryKey: groupsKey });
      toast(made ? "Group made" : "Group renamed");
      onClose(made);
    },
  );
  return (
    <form onSubmit={form.submit} autoComplete="off" className="flex flex-col gap-4">
      <Summary form={form} />
      <TextField label="Name" name="name" required autoFocus autoComplete="off" maxLength={80} defaultValue={group?.name} wrong={form.wrong("name")} />
      <div className="flex justify-end">
        <Button type="submit" look="primary" busy={form.busy}>
          {group ? "Rename" : "Make group"}
        </Button>
      </div>
    </form>
  );
}
