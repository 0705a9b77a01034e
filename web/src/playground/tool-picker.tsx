import { Link } from "@tanstack/react-router";
import { useState } from "react";
import type { ToolView } from "../api/schema";
import { count } from "../lib/format";
import { label } from "../lib/text";
import { Button } from "../ui/button";
import { inputClass } from "../ui/field";

const page = 200;

/** ToolPicker lists the tools of a server to choose one. */
export function ToolPicker({ server, tools, chosen }: { server: string; tools: ToolView[]; chosen?: string }) {
  const [search, setSearch] = useState("");
  const [shown, setShown] = useState(page);
  const titles = tools.map((t) => t.title || t.name);
  const found = tools.filter((t) => `${t.name}\n${t.title}`.toLowerCase().includes(search.toLowerCase()));
  return (
    <nav aria-label="Tools" className="flex min-w-0 flex-col gap-2">
      {tools.length > 7 && (
        <input type="search" aria-label="Search tools" placeholder={`Search ${count(tools.length, "tool")}`} className={inputClass} value={search} onChange={(e) => setSearch(e.target.value)} />
      )}
      <ul className="flex max-h-56 flex-col gap-0.5 overflow-y-auto rounded-2xl border border-line bg-surface p-1.5 lg:max-h-[70dvh]">
        {found.slice(0, shown).map((t) => (
          <li key={t.name}>
            <Link
              to="/playground/{-$server}/{-$tool}"
              params={{ server, tool: t.name }}
              aria-current={t.name === chosen ? "page" : undefined}
              className="flex min-h-11 items-center rounded-lg px-3 text-sm no-underline md:min-h-9"
              activeProps={{ className: "bg-accent-tint font-medium text-accent" }}
              inactiveProps={{ className: "text-text hover:bg-sunken" }}
            >
              <span className="foreign min-w-0">
                {label(t.title || t.name, 100)}
                {titles.indexOf(t.title) !== titles.lastIndexOf(t.title) && <code className="block text-xs">{label(t.name, 100)}</code>}
              </span>
            </Link>
          </li>
        ))}
        {found.length === 0 && <li className="px-3 py-2 text-sm text-muted">No tool matches.</li>}
        {found.length > shown && (
          <li>
            <Button look="quiet" onClick={() => setShown(shown + page)}>
              Show more ({found.length - shown})
            </Button>
          </li>
        )}
      </ul>
    </nav>
  );
}
