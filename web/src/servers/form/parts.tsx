import { Plus, Trash2 } from "lucide-react";
import { type ReactNode, useId, useRef } from "react";
import { Button, IconButton } from "../../ui/button";
import { SecretField, TextField } from "../../ui/field";
import type { Pair } from "./draft";
import type { Wrong } from "./wrong";

/** Choice is one of a few ways, each with what it means. */
export function Choice<T extends string>({ legend, name, value, onChange, options }: { legend: string; name: string; value: T; onChange: (value: T) => void; options: [T, string, ReactNode][] }) {
  const id = useId();
  return (
    <fieldset className="flex flex-col gap-1">
      <legend className="mb-1 text-sm font-medium">{legend}</legend>
      {options.map(([key, word, help]) => (
        <div key={key}>
          <label className="flex min-h-11 items-center gap-2.5 text-sm md:min-h-8">
            <input type="radio" name={name} value={key} checked={value === key} onChange={() => onChange(key)} aria-describedby={help ? `${id}-${key}` : undefined} className="size-4.5 shrink-0" />
            {word}
          </label>
          {help && (
            <div id={`${id}-${key}`} className="-mt-1 pb-1 pl-7 text-sm text-muted">
              {help}
            </div>
          )}
        </div>
      ))}
    </fieldset>
  );
}

/** Pairs are headers, or variables of a program: names with values that may be secrets. */
export function Pairs({ title, one, prefix, pairs, wrong, onChange }: { title: string; one: string; prefix: "headers" | "env"; pairs: Pair[]; wrong: Wrong; onChange: (pairs: Pair[]) => void }) {
  const list = useRef<HTMLUListElement>(null);
  const add = useRef<HTMLButtonElement>(null);
  const focus = (i: number) => requestAnimationFrame(() => (list.current?.children[i]?.querySelector("input") ?? add.current)?.focus());
  const put = (i: number, some: Partial<Pair>) => onChange(pairs.map((p, j) => (j === i ? { ...p, ...some } : p)));
  return (
    <div role="group" aria-label={title} className="flex flex-col items-start gap-2">
      <p aria-hidden className="text-sm font-medium">
        {title}
        <span className="ml-1.5 font-normal text-muted">optional</span>
      </p>
      {pairs.length > 0 && (
        <ul ref={list} className="flex w-full flex-col gap-3">
          {pairs.map((p, i) => {
            const kept = p.kept !== "" && p.kept === p.name;
            const Value = p.plain ? TextField : SecretField;
            return (
              <li key={i} className="flex items-start gap-2">
                <div className="grid min-w-0 flex-1 gap-2 sm:grid-cols-2">
                  <TextField label={`${one} ${i + 1}`} name={`${prefix}.${i}`} value={p.name} maxLength={200} autoComplete="off" spellCheck={false} onChange={(e) => put(i, { name: e.target.value })} wrong={p.name === "" ? wrong[`${prefix}.`] : undefined} />
                  <Value
                    label={`Value of ${p.name || `${one.toLowerCase()} ${i + 1}`}`}
                    name={`${prefix}.value.${i}`}
                    value={p.value}
                    autoComplete="off"
                    data-1p-ignore=""
                    onChange={(e) => put(i, { value: e.target.value })}
                    help={kept ? "Set · Leave empty to keep" : p.kept !== "" ? "Under a new name its value must be typed again." : undefined}
                    wrong={p.name === "" ? undefined : wrong[`${prefix}.${p.name}`]}
                  />
                </div>
                <IconButton
                  icon={Trash2}
                  label={`Remove ${p.name || `${one.toLowerCase()} ${i + 1}`}`}
                  className="mt-6"
                  onClick={() => {
                    onChange(pairs.filter((_, j) => j !== i));
                    focus(Math.max(0, i - 1));
                  }}
                />
              </li>
            );
          })}
        </ul>
      )}
      <Button
        ref={add}
        icon={Plus}
        onClick={() => {
          onChange([...pairs, { name: "", value: "", kept: "", plain: false }]);
          focus(pairs.length);
        }}
      >
        Add {one.toLowerCase()}
      </Button>
    </div>
  );
}
