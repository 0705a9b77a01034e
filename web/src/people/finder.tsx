import { keepPreviousData, queryOptions, useQuery } from "@tanstack/react-query";
import { Search, UserPlus } from "lucide-react";
import { useId, useRef, useState } from "react";
import { call } from "../api/client";
import { messageOf } from "../api/errors";
import { label } from "../lib/text";
import { useSearchBox } from "../lib/use-search-box";
import { Button } from "../ui/button";
import { Badge } from "../ui/feedback";
import { inputClass } from "../ui/field";

/** Found is somebody, or a group, that a search found. */
export interface Found {
  kind: "user" | "group";
  id: string;
  name: string;
  detail: string;
}

const fewest = 2; // characters: the API gives no list of everybody

const people = (search: string) =>
  queryOptions({
    queryKey: ["people", search],
    queryFn: ({ signal }) => call("searchPeople", { query: { search } }, signal),
    enabled: search.length >= fewest,
  });

export const groupList = (search: string) => queryOptions({ queryKey: ["groups", "some", search], queryFn: ({ signal }) => call("listGroups", { query: { search, limit: 25 } }, signal) });

interface Props {
  label: string;
  /** groups are found too. */
  groups?: boolean;
  except: (found: Found) => boolean;
  onPick: (found: Found) => void;
  /** stay keeps the focus here, for the next one. */
  stay?: boolean;
}

/** Finder finds people by name or e-mail address, and groups by name. */
export function Finder({ label: name, groups = false, except, onPick, stay }: Props) {
  const help = useId();
  const field = useRef<HTMLInputElement>(null);
  const [search, setSearch] = useState("");
  const box = useSearchBox(search, (text) => setSearch(text.trim()));
  const found = useQuery({ ...people(search), placeholderData: keepPreviousData });
  const teams = useQuery({ ...groupList(search), enabled: groups, placeholderData: keepPreviousData });
  const persons: Found[] = search.length < fewest ? [] : (found.data?.data ?? []).map((p) => ({ kind: "user", id: p.id, name: p.name || p.email, detail: p.email }));
  const all: Found[] = [...persons, ...(groups ? (teams.data?.data ?? []) : []).map((g): Found => ({ kind: "group", id: g.id, name: g.name, detail: `Group of ${g.members}` }))].filter((f) => !except(f));
  const pick = (f: Found) => {
    setSearch("");
    if (stay) field.current?.focus();
    onPick(f);
  };
  const settled = search.length >= fewest && !found.isFetching;
  return (
    <div className="flex flex-col gap-2">
      <div className="relative">
        <Search aria-hidden className="pointer-events-none absolute left-3 top-1/2 size-4.5 -translate-y-1/2 text-muted" />
        <input ref={field} type="search" aria-label={name} placeholder={name} aria-describedby={help} maxLength={200} autoComplete="off" data-1p-ignore="" className={`${inputClass} pl-10`} {...box} />
      </div>
      <p id={help} className="text-sm text-muted">
        Two letters of a name or an e-mail address are enough.
      </p>
      <p role="status" className="sr-only">
        {settled ? `${all.length} found` : ""}
      </p>
      {found.isError && search.length >= fewest && (
        <p role="alert" className="text-sm text-danger">
          {messageOf(found.error)}
        </p>
      )}
      {settled && all.length === 0 && !found.isError && <p className="text-sm">Nobody else matches.</p>}
      {all.length > 0 && (
        <ul className="flex max-h-72 flex-col gap-1 overflow-y-auto">
          {all.map((f) => (
            <li key={f.kind + f.id}>
              <Button look="quiet" icon={UserPlus} className="w-full justify-start! border-line! text-left font-normal!" onClick={() => pick(f)}>
                <span className="flex min-w-0 flex-1 flex-wrap items-center gap-x-2">
                  <span className="sr-only">Add </span>
                  <bdi className="foreign font-medium">{label(f.name, 80)}</bdi> <span className="foreign text-muted">{label(f.detail, 320)}</span>
                </span>
                {f.kind === "group" && <Badge>Group</Badge>}
              </Button>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
