import { useMutation } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { APIError, messageOf } from "../api/errors";

/** useForm sends a form once at a time, and spreads what the answer says is wrong to its fields. */
export function useForm<T>(send: (values: Record<string, string>) => Promise<T>, done: (result: T) => void) {
  const summary = useRef<HTMLDivElement>(null);
  const [wait, setWait] = useState(0);
  const mutation = useMutation({
    mutationFn: send,
    onSuccess: done,
    onError: (error) => {
      setWait(error instanceof APIError ? error.retryAfter : 0);
      queueMicrotask(() => summary.current?.focus());
    },
  });
  useEffect(() => {
    if (wait <= 0) return;
    const timer = setTimeout(() => setWait(wait - 1), 1000);
    return () => clearTimeout(timer);
  }, [wait]);
  const error = mutation.error;
  return {
    busy: mutation.isPending,
    wait,
    summary,
    error: error ? messageOf(error) : "",
    failed: error,
    wrong: (name: string): string | undefined => {
      const field = error instanceof APIError ? error.fields.find((f) => f.path === `body.${name}` || f.path === name) : undefined;
      return field && `${field.message[0]?.toUpperCase()}${field.message.slice(1)}.`;
    },
    submit: (event: React.FormEvent<HTMLFormElement>) => {
      event.preventDefault();
      if (mutation.isPending) return;
      const values: Record<string, string> = {};
      for (const [name, value] of new FormData(event.currentTarget)) if (typeof value === "string") values[name] = value;
      mutation.mutate(values);
    },
  };
}
