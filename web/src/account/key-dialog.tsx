import { useQueryClient } from "@tanstack/react-query";
import { call } from "../api/client";
import { keys } from "../api/keys";
import type { KeyView, Provider } from "../api/schema";
import { label } from "../lib/text";
import { useForm } from "../lib/use-form";
import { Button } from "../ui/button";
import { Dialog } from "../ui/dialog";
import { SecretField, TextField } from "../ui/field";
import { SelectField } from "../ui/field-more";
import { toast } from "../ui/toast";
import { Summary } from "./gate";

const day = 86_400_000;
const lives: [string, string][] = [
  ["", "Never"],
  [String(day), "In a day"],
  [String(7 * day), "In a week"],
  [String(30 * day), "In 30 days"],
  [String(365 * day), "In a year"],
];

/** KeyDialog takes a key for one provider. */
export function KeyDialog({ provider, given, onClose }: { provider: Provider; given: KeyView | undefined; onClose: () => void }) {
  return (
    <Dialog open onClose={onClose} title={`Key for ${label(provider.title || provider.name, 60)}`} description="Used for your chats and agents only. Nobody can read it afterwards, not even you.">
      <Form provider={provider} given={given} onClose={onClose} />
    </Dialog>
  );
}

function Form({ provider, given, onClose }: { provider: Provider; given: KeyView | undefined; onClose: () => void }) {
  const cache = useQueryClient();
  const form = useForm(
    (v) =>
      call("putKey", {
        body: {
          name: provider.name,
          value: v.value || undefined,
          baseURL: v.baseURL || undefined,
          expiresAt: v.life ? new Date(Date.now() + Number(v.life)).toISOString() : undefined,
        },
      }),
    () => {
      void cache.invalidateQueries({ queryKey: keys.modelKeys });
      void cache.invalidateQueries({ queryKey: keys.providers });
      toast("Key stored");
      onClose();
    },
  );
  return (
    <form onSubmit={form.submit} autoComplete="off" className="flex flex-col gap-4">
      <Summary form={form} />
      {provider.userProvide && (
        <SecretField
          label="Key"
          name="value"
          required
          autoFocus
          autoComplete="off"
          data-1p-ignore=""
          help={given ? "Replaces the one that is stored." : undefined}
          wrong={form.wrong("value")}
        />
      )}
      {provider.userProvideURL && (
        <TextField label="Base URL" name="baseURL" type="url" required autoFocus={!provider.userProvide} placeholder="https://" autoComplete="off" help="The address of the API, such as that of your own proxy." wrong={form.wrong("baseURL")} />
      )}
      <SelectField label="Expires" name="life" help="When it ends it is forgotten, and asked for again." wrong={form.wrong("expiresAt")}>
        {lives.map(([value, word]) => (
          <option key={value} value={value}>
            {word}
          </option>
        ))}
      </SelectField>
      <div className="flex justify-end">
        <Button type="submit" look="primary" busy={form.busy}>
          Store key
        </Button>
      </div>
    </form>
  );
}
