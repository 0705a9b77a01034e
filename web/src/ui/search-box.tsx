import { Search } from "lucide-react";
import { useSearchBox } from "../lib/use-search-box";
import { inputClass } from "./field";

export function SearchBox({ label, current, commit }: { label: string; current: string; commit: (text: string) => void }) {
  const box = useSearchBox(current, commit);
  return (
    <div className="relative">
      <Search aria-hidden className="pointer-events-none absolute left-3 top-1/2 size-4.5 -translate-y-1/2 text-muted" />
      <input type="search" aria-label={label} placeholder={label} className={`${inputClass} pl-10`} maxLength={256} {...box} />
    </div>
  );
}
