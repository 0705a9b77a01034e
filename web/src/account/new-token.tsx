import { call } from "../api/client";
import type { CreateTokenOutputBody } from "../api/schema";
import { useForm } from "../lib/use-form";
import { Button } from "../ui/button";
import { Dialog } from "../ui/dialog";
import { TextField } from "../ui/field";
import { CheckField, SelectField } from "../ui/field-more";
import { Summary } from "./gate";

/** scopes are what a token may be good for. */
export const scopes: Record<string, { word: string; help: string; admin?: boolean }> = {
  "servers:read": { word: "Read servers", help: "Lists, statuses and tools." },
  "tools:call": { word: "Call tools", help: "And connect servers." },
  "tools:unattended": { word: "Call tools unasked", help: "Through /v1, where nobody can be asked." },
  "vars:write": { word: "Set variables", help: "Your own, of servers." },
  chat: { word: "Chat", help: "Your conversations, agents and files." },
  account: { word: "Account", help: "Your password, logins, tokens and model keys." },
  admin: { word: "Administration", help: "People and configuration.", admin: true },
};

const lives: [string, string][] = [
  ["30", "30 days"],
  ["90", "90 days"],
  ["365", "1 year"],
  ["", "Never"],
];

export function NewToken({ open, admin, onClose, onMade }: { open: boolean; admin: boolean; onClose: () => void; onMade: (token: CreateTokenOutputBody) => void }) {
  return (
    <Dialog open={open} onClose={onClose} title="New API token">
      <Form admin={admin} onMade={onMade} />
    </Dialog>
  );
}

function Form({ admin, onMade }: { admin: boolean; onMade: (token: CreateTokenOutputBody) => void }) {
  const form = useForm((v) => {
    const chosen = Object.keys(scopes).filter((s) => v[s] === "on");
    const expiresAt = v.days ? new Date(Date.now() + Number(v.days) * 86_400_000).toISOString() : undefined;
    return call("createToken", { body: { name: (v.name ?? "").trim(), scopes: chosen, expiresAt } });
  }, onMade);
  return (
    <form onSubmit={form.submit} className="flex flex-col gap-4">
      <Summary form={form} />
      <TextField label="Name" name="name" required autoFocus maxLength={100} autoComplete="off" help="So that you know later what uses it." wrong={form.wrong("name")} />
      <fieldset className="flex flex-col gap-2">
        <legend className="mb-1 text-sm font-medium">Scopes</legend>
        {Object.entries(scopes)
          .filter(([, s]) => !s.admin || admin)
          .map(([name, s]) => (
            <CheckField key={name} name={name} label={s.word} help={s.help} defaultChecked={name === "servers:read" || name === "tools:call"} />
          ))}
        <p className="text-sm text-muted">None chosen means all of them.</p>
      </fieldset>
      <SelectField label="Expires after" name="days" defaultValue="90" wrong={form.wrong("expiresAt")}>
        {lives.map(([days, text]) => (
          <option key={days} value={days}>
            {text}
          </option>
        ))}
      </SelectField>
      <div className="flex justify-end">
        <Button type="submit" look="primary" busy={form.busy}>
          Make token
        </Button>
      </div>
    </form>
  );
}
