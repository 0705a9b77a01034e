import { Plus, Trash2 } from "lucide-react";
import { useRef } from "react";
import { Button, IconButton } from "../../ui/button";
import { TextField } from "../../ui/field";
import { CheckField } from "../../ui/field-more";
import type { Variable } from "./draft";
import type { Wrong } from "./wrong";

/** Variables are what the server asks of each person, used as {{NAME}}. */
export function Variables({ variables, wrong, onChange }: { variables: Variable[]; wrong: Wrong; onChange: (variables: Variable[]) => void }) {
  const list = useRef<HTMLUListElement>(null);
  const add = useRef<HTMLButtonElement>(null);
  const focus = (i: number) => requestAnimationFrame(() => (list.current?.children[i]?.querySelector("input") ?? add.current)?.focus());
  const put = (i: number, some: Partial<Variable>) => onChange(variables.map((v, j) => (j === i ? { ...v, ...some } : v)));
  return (
    <div role="group" aria-label="Variables of each person" className="flex flex-col items-start gap-2">
      <div>
        <p aria-hidden className="text-sm font-medium">
          Variables of each person
          <span className="ml-1.5 font-normal text-muted">optional</span>
        </p>
        <p className="text-sm text-muted">
          Everybody gives their own value. Use one as <code>{"{{NAME}}"}</code> in the URL, a header or the environment.
        </p>
      </div>
      {variables.length > 0 && (
        <ul ref={list} className="flex w-full flex-col gap-3">
          {variables.map((v, i) => (
            <li key={i} className="flex items-start gap-2 rounded-xl border border-line p-3">
              <div className="grid min-w-0 flex-1 gap-3 sm:grid-cols-2">
                <TextField label={`Variable ${i + 1}`} name={`variables.${i}`} value={v.name} placeholder="API_KEY" maxLength={100} autoComplete="off" spellCheck={false} onChange={(e) => put(i, { name: e.target.value })} wrong={wrong[`variables.${v.name}`]} />
                <TextField label={`Title of ${v.name || `variable ${i + 1}`}`} name={`variables.title.${i}`} value={v.title} maxLength={200} autoComplete="off" onChange={(e) => put(i, { title: e.target.value })} />
                <TextField label="How to get one" name={`variables.description.${i}`} optional value={v.description} maxLength={2000} autoComplete="off" onChange={(e) => put(i, { description: e.target.value })} />
                <CheckField label="Secret" name={`variables.secret.${i}`} checked={v.sensitive} onChange={(e) => put(i, { sensitive: e.target.checked })} className="sm:pt-6" />
              </div>
              <IconButton
                icon={Trash2}
                label={`Remove ${v.name || `variable ${i + 1}`}`}
                onClick={() => {
                  onChange(variables.filter((_, j) => j !== i));
                  focus(Math.max(0, i - 1));
                }}
              />
            </li>
          ))}
        </ul>
      )}
      <Button
        ref={add}
        icon={Plus}
        onClick={() => {
          onChange([...variables, { name: "", title: "", description: "", sensitive: true }]);
          focus(variables.length);
        }}
      >
        Add a variable of each person
      </Button>
    </div>
  );
}
