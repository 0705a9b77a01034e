import { type FormEvent, useEffect, useRef, useState } from "react";
import { APIError, messageOf } from "../api/errors";

/** useForm sends a form once at a time, and spreads what the answer says is wrong to its fields. */
export function useForm<T>(send: (values: Record<string, string>) => Promise<T>, done: (result: T) => void) {
  const summary = useRef<HTMLDivElement>(null);
  const [busy, setBusy] = useState(false);
  const [failed, setFailed] = useState<unknown>(null);
  const [wait, setWait] = useState(0);
  useEffect(() => {
    if (wait <= 0) return;
    const timer = setTimeout(() => setWait(wait - 1), 1000);
    return () => clearTimeout(timer);
  }, [wait]);
  // What went wrong is read first.
  useEffect(() => {
    if (failed) summary.current?.focus();
  }, [failed]);
  const run = async (values: Record<string, string>) => {
    setBusy(true);
    setFailed(null);
    try {
      done(await send(values));
    } catch (error) {
      setFailed(error);
      setWait(error instanceof APIError ? error.retryAfter : 0);
    }
    setBusy(false);
  };
  return {
    busy,
    wait,
    summary,
    failed,
    error: failed ? messageOf(failed) : "",
    wrong: (name: string): string | undefined => {
      const field = failed instanceof APIError ? failed.fields.find((f) => f.path === `body.${name}` || f.path === name) : undefined;
      return field && `${field.message[0]?.toUpperCase()}${field.message.slice(1)}.`;
    },
    submit: (event: FormEvent<HTMLFormElement>) => {
      event.preventDefault();
      if (busy) return;
      const values: Record<string, string> = {};
      for (const [name, value] of new FormData(event.currentTarget)) if (typeof value === "string") values[name] = value;
      void run(values);
    },
  };
}
