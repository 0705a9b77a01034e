import { useEffect, useSyncExternalStore } from "react";

// One short sentence that confirms; nothing that needs an answer is said here.
let current = "";
const watchers = new Set<() => void>();
const watch = (w: () => void) => {
  watchers.add(w);
  return () => watchers.delete(w);
};

function set(text: string): void {
  current = text;
  for (const w of watchers) w();
}

export function toast(text: string): void {
  set(text);
}

export function Toaster() {
  const text = useSyncExternalStore(watch, () => current);
  useEffect(() => {
    if (text === "") return;
    const timer = setTimeout(() => set(""), 4000);
    return () => clearTimeout(timer);
  }, [text]);
  return (
    <div role="status" className="pointer-events-none fixed inset-x-4 bottom-4 z-60 flex justify-center">
      {text && <p className="rounded-lg bg-text px-4 py-2 text-sm text-surface shadow-pop">{text}</p>}
    </div>
  );
}
