import { type SelectHTMLAttributes, type TextareaHTMLAttributes, useId } from "react";
import { cx } from "../lib/cx";
import { Field, type FrameProps, inputClass, type InputProps } from "./field";

export function SelectField({ label, help, wrong, optional, className, id, children, ...rest }: FrameProps & SelectHTMLAttributes<HTMLSelectElement>) {
  return (
    <Field id={id} label={label} help={help} wrong={wrong} optional={optional} className={className}>
      {(described) => (
        <select {...rest} {...described} className={inputClass}>
          {children}
        </select>
      )}
    </Field>
  );
}

export function AreaField({ label, help, wrong, optional, className, id, mono, ...rest }: FrameProps & TextareaHTMLAttributes<HTMLTextAreaElement> & { mono?: boolean }) {
  return (
    <Field id={id} label={label} help={help} wrong={wrong} optional={optional} className={className}>
      {(described) => <textarea rows={4} {...rest} {...described} className={cx(inputClass, "resize-y", mono && "font-mono text-sm!")} />}
    </Field>
  );
}

export function CheckField({ label, help, wrong, className, id, ...rest }: InputProps) {
  const made = useId();
  const own = id ?? made;
  return (
    <div className={cx("flex flex-col gap-1", className)}>
      <label className="flex min-h-11 items-center gap-2.5 text-sm font-medium md:min-h-6">
        <input {...rest} id={own} type="checkbox" aria-describedby={help || wrong ? `${own}-help` : undefined} className="size-4.5" />
        {label}
      </label>
      {(help || wrong) && (
        <div id={`${own}-help`} className={cx("pl-7 text-sm", wrong ? "text-danger" : "text-muted")}>
          {wrong ?? help}
        </div>
      )}
    </div>
  );
}
