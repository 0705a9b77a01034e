import { Plus, Trash2 } from "lucide-react";
import { isRecord, Raw, type Value, write } from "../lib/json";
import { label, visible } from "../lib/text";
import { Button, IconButton } from "../ui/button";
import { Field, inputClass, TextField } from "../ui/field";
import { AreaField, CheckField } from "../ui/field-more";
import { initial, isInteger, kindOf, optionsOf, resolve, same, type Schema } from "./model";
import { join, type Wrong } from "./validate";

interface Props {
  schema: Schema;
  root: Schema;
  value: Value | undefined;
  onChange: (value: Value | undefined) => void;
  wrong: Wrong[];
  /** prefix makes the fields' ids: they are unique on the page. */
  prefix: string;
}

/** SchemaForm is the form of an object: a field for each member. */
export function SchemaForm({ schema, root, value, onChange, wrong, prefix }: Props) {
  return <Members schema={resolve(schema, root)} root={root} value={value} onChange={onChange} wrong={wrong} prefix={prefix} path="" depth={0} />;
}

interface NodeProps extends Props {
  path: string;
  depth: number;
}

function Members({ schema, root, value, onChange, depth, path, ...rest }: NodeProps) {
  const given = isRecord(value) ? value : {};
  const required = new Set(schema.required ?? []);
  return (
    <div className="flex flex-col gap-4">
      {Object.entries(schema.properties ?? {}).map(([name, p]) => (
        <Node
          key={name}
          {...rest}
          name={name}
          schema={resolve(p, root)}
          root={root}
          required={required.has(name)}
          value={given[name]}
          onChange={(next) => onChange({ ...given, [name]: next })}
          path={join(path, name)}
          depth={depth + 1}
        />
      ))}
    </div>
  );
}

function hints(s: Schema): string {
  const parts: string[] = [];
  if (s.minimum !== undefined && s.maximum !== undefined) parts.push(`${s.minimum} to ${s.maximum}.`);
  else if (s.minimum !== undefined) parts.push(`At least ${s.minimum}.`);
  else if (s.maximum !== undefined) parts.push(`At most ${s.maximum}.`);
  if (s.maxLength !== undefined) parts.push(`At most ${s.maxLength} characters.`);
  if (s.pattern) parts.push(`Pattern: ${label(s.pattern, 80)}`);
  if (s.format) parts.push(`Format: ${label(s.format, 40)}.`);
  if (Array.isArray(s.examples) && s.examples.length > 0) parts.push(`Such as ${label(s.examples.slice(0, 3).map((e) => JSON.stringify(e)).join(", "), 120)}`);
  return parts.join(" ");
}

function Node({ name, required, ...props }: NodeProps & { name: string; required: boolean }) {
  const { schema: s, root, value, onChange, wrong, prefix, path, depth } = props;
  const title = label(s.title || name, 120);
  const hint = hints(s);
  const frame = {
    id: `${prefix}-${path}`,
    label: title,
    optional: !required,
    wrong: wrong.find((w) => w.path === path)?.message,
    help: (s.description || hint) && (
      <>
        {s.description && <span className="foreign block whitespace-pre-wrap">{visible(s.description.slice(0, 1000))}</span>}
        {hint && <span className="foreign block">{hint}</span>}
      </>
    ),
  };
  switch (kindOf(s, root, depth)) {
    case "choice":
      return <Choice {...props} frame={frame} required={required} />;
    case "choices":
      return <Choices {...props} title={title} wrongHere={frame.wrong} />;
    case "boolean":
      if (required || s.default !== undefined) {
        const { optional: _, ...check } = frame;
        return <CheckField {...check} checked={value === true} onChange={(e) => onChange(e.target.checked)} />;
      }
      return (
        <Field {...frame}>
          {(d) => (
            <select {...d} className={inputClass} value={value === undefined ? "" : String(value)} onChange={(e) => onChange(e.target.value === "" ? undefined : e.target.value === "true")}>
              <option value="">Not given</option>
              <option value="true">Yes</option>
              <option value="false">No</option>
            </select>
          )}
        </Field>
      );
    case "number":
      return (
        <TextField
          {...frame}
          inputMode={isInteger(s) ? "numeric" : "decimal"}
          autoComplete="off"
          value={value instanceof Raw ? value.text : typeof value === "string" ? value : ""}
          onChange={(e) => onChange(e.target.value === "" ? undefined : new Raw(e.target.value))}
        />
      );
    case "text":
      return <Text {...props} frame={frame} />;
    case "object":
      return (
        <fieldset className="rounded-xl border border-line p-4">
          <legend className="px-1 text-sm font-medium">
            {title}
            {!required && <span className="ml-1.5 font-normal text-muted">optional</span>}
          </legend>
          {frame.help && <div className="mb-3 text-sm text-muted">{frame.help}</div>}
          {frame.wrong && <p className="mb-3 text-sm text-danger">{frame.wrong}</p>}
          <Members {...props} onChange={(next) => onChange(required || !empty(next) ? next : undefined)} />
        </fieldset>
      );
    case "list":
      return <List {...props} title={title} wrongHere={frame.wrong} help={frame.help} />;
    default:
      return (
        <AreaField
          {...frame}
          mono
          rows={3}
          spellCheck={false}
          help={
            <>
              {frame.help}
              <span className="block">Written as JSON.</span>
            </>
          }
          value={value === undefined ? "" : value instanceof Raw ? value.text : write(value, 2)}
          onChange={(e) => onChange(e.target.value.trim() === "" ? undefined : new Raw(e.target.value))}
        />
      );
  }
}

function empty(value: Value | undefined): boolean {
  return value === undefined || (isRecord(value) && Object.values(value).every(empty));
}

type Frame = Parameters<typeof TextField>[0];

function Text({ schema: s, value, onChange, frame }: NodeProps & { frame: Frame }) {
  const text = typeof value === "string" ? value : value instanceof Raw ? value.text : "";
  const set = (next: string) => onChange(next === "" ? undefined : next);
  const long = (s.maxLength ?? 0) > 200 || text.includes("\n") || /text|prompt|content|body|markdown|code|query|sql/i.test(`${frame.id}`.split(/[-.]/).at(-1) ?? "");
  if (long && !s.format) {
    const { ref: _, ...rest } = frame;
    return <AreaField {...(rest as Parameters<typeof AreaField>[0])} rows={3} value={text} onChange={(e) => set(e.target.value)} />;
  }
  const type = s.format === "date" ? "date" : s.format === "email" ? "email" : s.format === "uri" ? "url" : "text";
  return <TextField {...frame} type={type} autoComplete="off" value={text} onChange={(e) => set(e.target.value)} />;
}

function Choice({ schema: s, value, onChange, frame, required }: NodeProps & { frame: Frame; required: boolean }) {
  const options = optionsOf(s) ?? [];
  const at = options.findIndex((o) => same(o.value, value));
  return (
    <Field id={frame.id} label={frame.label} help={frame.help} wrong={frame.wrong} optional={frame.optional}>
      {(d) => (
        <select {...d} className={inputClass} value={at} onChange={(e) => onChange(options[Number(e.target.value)]?.value)}>
          <option value={-1}>{required ? "Choose one" : "Not given"}</option>
          {options.map((o, i) => (
            <option key={i} value={i}>
              {label(o.text, 120)}
            </option>
          ))}
        </select>
      )}
    </Field>
  );
}

function Choices({ schema: s, root, value, onChange, title, wrongHere, prefix, path }: NodeProps & { title: string; wrongHere?: string }) {
  const options = optionsOf(resolve(s.items ?? {}, root)) ?? [];
  const chosen = Array.isArray(value) ? value : [];
  const toggle = (option: Value, on: boolean) => {
    const next = on ? [...chosen, option] : chosen.filter((v) => !same(v, option));
    onChange(next.length > 0 ? next : undefined);
  };
  return (
    <fieldset className="flex flex-col gap-1.5">
      <legend className="mb-1 text-sm font-medium">{title}</legend>
      {s.description && <p className="foreign text-sm text-muted">{visible(s.description.slice(0, 1000))}</p>}
      {options.map((o, i) => (
        <CheckField key={i} id={`${prefix}-${path}-${i}`} label={label(o.text, 120)} checked={chosen.some((v) => same(v, o.value))} onChange={(e) => toggle(o.value, e.target.checked)} />
      ))}
      {wrongHere && <p className="text-sm text-danger">{wrongHere}</p>}
    </fieldset>
  );
}

function List({ title, wrongHere, help, ...props }: NodeProps & { title: string; wrongHere?: string; help: React.ReactNode }) {
  const { schema: s, root, value, onChange, path, depth } = props;
  const entries: (Value | undefined)[] = Array.isArray(value) ? value : [];
  const item = resolve(s.items ?? {}, root);
  // An entry that is not filled in yet is an empty string, so that it keeps its place.
  const set = (next: (Value | undefined)[]) => onChange(next.length > 0 ? next.map((v) => v ?? "") : undefined);
  return (
    <fieldset className="rounded-xl border border-line p-4">
      <legend className="px-1 text-sm font-medium">{title}</legend>
      {help && <div className="mb-3 text-sm text-muted">{help}</div>}
      {wrongHere && <p className="mb-3 text-sm text-danger">{wrongHere}</p>}
      <ol className="flex flex-col gap-3">
        {entries.map((entry, i) => (
          <li key={i} className="flex items-start gap-2">
            <div className="min-w-0 flex-1">
              <Node
                {...props}
                name={`${title} ${i + 1}`}
                schema={{ ...item, title: `${label(item.title || title, 60)} ${i + 1}` }}
                required
                value={entry}
                onChange={(next) => set(entries.map((e, k) => (k === i ? next : e)))}
                path={join(path, i)}
                depth={depth + 1}
              />
            </div>
            <IconButton icon={Trash2} label={`Remove ${title} ${i + 1}`} className="mt-6" onClick={() => set(entries.filter((_, k) => k !== i))} />
          </li>
        ))}
      </ol>
      <Button icon={Plus} className={entries.length > 0 ? "mt-3" : ""} onClick={() => set([...entries, initial(item, root, depth + 1)])}>
        Add<span className="sr-only"> to {title}</span>
      </Button>
    </fieldset>
  );
}
