import { useEffect, useState } from "react";

/** useSearchBox is a search field whose text goes to the address a moment after typing ends. */
export function useSearchBox(current: string, commit: (text: string) => void) {
  const [typed, setTyped] = useState(current);
  useEffect(() => setTyped(current), [current]);
  useEffect(() => {
    if (typed === current) return;
    const timer = setTimeout(() => commit(typed), 200);
    return () => clearTimeout(timer);
    // oxlint-disable-next-line react/exhaustive-deps -- commit is new at each render and means the same
  }, [typed, current]);
  return { value: typed, onChange: (e: React.ChangeEvent<HTMLInputElement>) => setTyped(e.target.value) };
}
