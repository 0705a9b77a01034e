import { Eye, EyeOff } from "lucide-react";
import { type InputHTMLAttributes, type ReactNode, type Ref, useId, useState } from "react";
import { cx } from "../lib/cx";

export const inputClass =
  "w-full min-h-11 md:min-h-9 rounded-lg border border-control bg-surface px-3 py-1.5 text-base md:text-sm text-text placeholder:text-muted aria-invalid:border-danger [&[readonly]]:bg-sunken disabled:opacity-60";

export interface FrameProps {
  label: ReactNode;
  help?: ReactNode;
  wrong?: string;
  optional?: boolean;
  className?: string;
}

interface Described {
  id: string;
  "aria-invalid": true | undefined;
  "aria-describedby": string | undefined;
}

/** Field is a label, a control, its help and what is wrong with it, tied together. */
export function Field({ label, help, wrong, optional, className, children, id }: FrameProps & { id?: string; children: (described: Described) => ReactNode }) {
  const made = useId();
  const own = id ?? made;
  const described = [help ? `${own}-help` : "", wrong ? `${own}-wrong` : ""].filter(Boolean).join(" ");
  return (
    <div className={cx("flex flex-col gap-1", className)}>
      <label htmlFor={own} className="text-sm font-medium">
        {label}
        {optional && <span className="ml-1.5 font-normal text-muted">optional</span>}
      </label>
      {children({ id: own, "aria-invalid": wrong ? true : undefined, "aria-describedby": described || undefined })}
      {help && (
        <div id={`${own}-help`} className="text-sm text-muted">
          {help}
        </div>
      )}
      {wrong && (
        <p id={`${own}-wrong`} className="text-sm text-danger">
          {wrong}
        </p>
      )}
    </div>
  );
}

export type InputProps = FrameProps & InputHTMLAttributes<HTMLInputElement> & { ref?: Ref<HTMLInputElement> };

export function TextField({ label, help, wrong, optional, className, id, ...rest }: InputProps) {
  return (
    <Field id={id} label={label} help={help} wrong={wrong} optional={optional} className={className}>
      {(described) => <input {...rest} {...described} required={!optional && rest.required} className={inputClass} />}
    </Field>
  );
}

/** SecretField hides what is typed until one asks to see it. */
export function SecretField({ label, help, wrong, optional, className, id, ...rest }: InputProps) {
  const [shown, setShown] = useState(false);
  const Icon = shown ? EyeOff : Eye;
  return (
    <Field id={id} label={label} help={help} wrong={wrong} optional={optional} className={className}>
      {(described) => (
        <div className="relative">
          <input spellCheck={false} autoCapitalize="off" {...rest} {...described} type={shown ? "text" : "password"} className={cx(inputClass, "pr-12")} />
          <button
            type="button"
            aria-pressed={shown}
            aria-label={typeof label === "string" ? `Show ${label.toLowerCase()}` : "Show the value"}
            onClick={() => setShown(!shown)}
            className="absolute inset-y-0 right-0 flex w-11 items-center justify-center rounded-r-lg text-muted hover:text-text"
          >
            <Icon aria-hidden className="size-4.5" />
          </button>
        </div>
      )}
    </Field>
  );
}
