import { useQueryClient } from "@tanstack/react-query";
import { Summary } from "../account/gate";
import { call } from "../api/client";
import { keys } from "../api/keys";
import { useForm } from "../lib/use-form";
import { Button } from "../ui/button";
import { Dialog } from "../ui/dialog";
import { SecretField, TextField } from "../ui/field";
import { SelectField } from "../ui/field-more";
import { toast } from "../ui/toast";

export function AddPerson({ onClose }: { onClose: () => void }) {
  return (
    <Dialog open onClose={onClose} title="Add a person" description="Give the password to the person; it can be changed after signing in.">
      <Form onClose={onClose} />
    </Dialog>
  );
}

function Form({ onClose }: { onClose: () => void }) {
  const cache = useQueryClient();
  const form = useForm(
    (v) =>
      call("addUser", {
        body: { email: v.email ?? "", name: v.name || undefined, username: v.username || undefined, password: v.password ?? "", role: v.role === "ADMIN" ? "ADMIN" : "USER" },
      }),
    () => {
      void cache.invalidateQueries({ queryKey: keys.users.all });
      toast("Account made");
      onClose();
    },
  );
  return (
    <form onSubmit={form.submit} autoComplete="off" className="flex flex-col gap-4">
      <Summary form={form} />
      <TextField label="E-mail" name="email" type="email" required autoFocus autoComplete="off" wrong={form.wrong("email")} />
      <TextField label="Name" name="name" optional autoComplete="off" wrong={form.wrong("name")} />
      <TextField label="Username" name="username" optional autoComplete="off" help="Made from the e-mail address when left empty." wrong={form.wrong("username")} />
      <SecretField label="Password" name="password" required autoComplete="new-password" help="At least 8 characters." wrong={form.wrong("password")} />
      <SelectField label="Role" name="role" defaultValue="USER" wrong={form.wrong("role")}>
        <option value="USER">Person</option>
        <option value="ADMIN">Administrator</option>
      </SelectField>
      <div className="flex justify-end">
        <Button type="submit" look="primary" busy={form.busy}>
          Add
        </Button>
      </div>
    </form>
  );
}
