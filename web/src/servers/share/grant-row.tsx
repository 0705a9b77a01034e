import { Trash2 } from "lucide-react";
import { label } from "../../lib/text";
import { IconButton } from "../../ui/button";
import { Badge } from "../../ui/feedback";
import { keyOf, type Permission, permissions, type Row, sentence, words } from "./grants";

const kinds: Record<Row["kind"], string> = { user: "", group: "Group", role: "Role", everyone: "" };

interface Props {
  row: Row;
  /** held is what the one who shares may do: nobody gives more. */
  held: Permission[];
  mine: boolean;
  wrong: string | undefined;
  onToggle: (p: Permission) => void;
  onRemove: () => void;
}

/** GrantRow is what one person, group or role may do, and says so in a sentence. */
export function GrantRow({ row, held, mine, wrong, onToggle, onRemove }: Props) {
  const name = label(row.name, 80);
  const id = `grant-${keyOf(row)}`;
  const beyond = row.may.some((p) => !held.includes(p));
  return (
    <li data-key={keyOf(row)} className="flex flex-col gap-2 py-4">
      <div className="flex items-start gap-3">
        <div className="min-w-0 flex-1">
          <p className="flex flex-wrap items-center gap-2 text-sm font-medium">
            <bdi className="foreign">{name}</bdi>
            {kinds[row.kind] && <Badge>{kinds[row.kind]}</Badge>}
            {mine && <Badge>You</Badge>}
          </p>
          {row.kind === "user" && <p className="foreign text-sm text-muted">{label(row.detail, 320)}</p>}
        </div>
        {!beyond && <IconButton icon={Trash2} label={`Remove ${name}`} onClick={onRemove} />}
      </div>
      <fieldset aria-describedby={id} className="flex flex-wrap gap-x-5 gap-y-1">
        <legend className="sr-only">What {name} may do</legend>
        {permissions.map((p) => {
          const on = row.may.includes(p);
          const implied = p === "VIEW" && row.may.length > 1;
          return (
            <label key={p} className="flex min-h-11 items-center gap-2 text-sm md:min-h-7">
              <input type="checkbox" value={p} checked={on} disabled={implied || !held.includes(p)} onChange={() => onToggle(p)} className="size-4.5" />
              {words[p]}
            </label>
          );
        })}
      </fieldset>
      <p id={id} aria-live="polite" className="foreign text-sm text-muted">
        {sentence(name, row.may)}
      </p>
      {wrong && (
        <p role="alert" className="text-sm text-danger">
          This {wrong}.
        </p>
      )}
    </li>
  );
}
