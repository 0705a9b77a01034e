import { type InputHTMLAttributes, useEffect, useRef } from "react";

/** TriCheckbox is a checkbox for all of a list: on, off, or some of it. */
export function TriCheckbox({ some, ...rest }: InputHTMLAttributes<HTMLInputElement> & { some: boolean }) {
  const box = useRef<HTMLInputElement>(null);
  useEffect(() => {
    if (box.current) box.current.indeterminate = some;
  }, [some]);
  return <input {...rest} ref={box} type="checkbox" className="size-4.5 shrink-0" />;
}
