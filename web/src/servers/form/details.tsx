import { TextField } from "../../ui/field";
import { AreaField, CheckField } from "../../ui/field-more";
import { Panel } from "../../ui/page";
import { slug } from "./draft";
import { Choice } from "./parts";
import type { ServerDraft } from "./use-server-draft";
import { Variables } from "./variables";

/** Details are what people and models see of the server. */
export function Details({ state }: { state: ServerDraft }) {
  const { draft, put, wrong, edited } = state;
  const made = slug(draft.title);
  return (
    <Panel title="3. Details" lead="What people see, and what models are told.">
      <div className="flex flex-col gap-4">
        <div className="grid gap-4 md:grid-cols-2">
          <TextField label="Title" name="title" required maxLength={200} value={draft.title} autoComplete="off" onChange={(e) => put({ title: e.target.value })} wrong={wrong.title} />
          <TextField
            label="Name"
            name="name"
            readOnly={edited !== undefined}
            maxLength={64}
            value={draft.name}
            placeholder={made}
            autoComplete="off"
            spellCheck={false}
            onChange={(e) => put({ name: e.target.value })}
            help={edited ? "Addresses and agents hold it: it stays." : draft.name === "" && made !== "" ? `Made from the title: ${made}. It stays for good.` : "For addresses: a-z, 0-9 and -. It stays for good."}
            wrong={wrong.name}
          />
        </div>
        <TextField label="Description" name="description" optional maxLength={2000} value={draft.description} autoComplete="off" onChange={(e) => put({ description: e.target.value })} help="What it is good for." wrong={wrong.description} />
        <TextField label="Icon URL" name="icon" optional inputMode="url" maxLength={400_000} value={draft.icon} autoComplete="off" spellCheck={false} onChange={(e) => put({ icon: e.target.value })} help={draft.iconKept ? "Set · Leave empty to keep" : "At most 256 KiB. Without one, initials are shown."} wrong={wrong.icon} />
        {draft.iconKept && draft.icon === "" && (
          <CheckField label="Remove the icon" name="iconGone" checked={false} onChange={() => put({ iconKept: false })} />
        )}
        <Choice
          legend="Instructions for models"
          name="instructions"
          value={draft.instructions}
          onChange={(instructions) => put({ instructions })}
          options={[
            ["none", "None", ""],
            ["server", "What the server itself says", ""],
            ["text", "This text", ""],
          ]}
        />
        {draft.instructions === "text" && <AreaField label="Text for models" name="instructionsText" rows={4} value={draft.instructionsText} onChange={(e) => put({ instructionsText: e.target.value })} wrong={wrong.instructionsText} />}
        <Variables variables={draft.variables} wrong={wrong} onChange={(variables) => put({ variables })} />
        <details className="text-sm" open={wrong.timeout || wrong.initTimeout ? true : undefined}>
          <summary className="w-fit text-accent">Timeouts and chat menu</summary>
          <div className="mt-3 grid gap-4 md:grid-cols-2">
            <TextField label="Seconds for a call" name="timeout" optional inputMode="decimal" placeholder="30" value={draft.timeout} autoComplete="off" onChange={(e) => put({ timeout: e.target.value })} wrong={wrong.timeout} />
            <TextField label="Seconds to connect" name="initTimeout" optional inputMode="decimal" placeholder="10" value={draft.initTimeout} autoComplete="off" onChange={(e) => put({ initTimeout: e.target.value })} help="Signing in does not count." wrong={wrong.initTimeout} />
            <CheckField label="Offer it in the chat's menu" name="chatMenu" checked={draft.chatMenu} onChange={(e) => put({ chatMenu: e.target.checked })} help="Agents and the playground may use it either way." />
          </div>
        </details>
      </div>
    </Panel>
  );
}
