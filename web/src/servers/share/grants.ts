// What is shared with whom, while it is edited.
import type { GrantView } from "../../api/schema";

export const permissions = ["VIEW", "USE", "EDIT", "DELETE", "SHARE"] as const;
export type Permission = (typeof permissions)[number];

export const words: Record<Permission, string> = { VIEW: "View", USE: "Use", EDIT: "Edit", DELETE: "Delete", SHARE: "Share" };

export interface Row {
  kind: GrantView["kind"];
  id: string;
  name: string;
  detail: string;
  may: Permission[];
}

export const keyOf = (r: Pick<Row, "kind" | "id">): string => `${r.kind}:${r.id}`;

const ordered = (may: Iterable<string>): Permission[] => {
  const all = new Set(may);
  return permissions.filter((p) => all.has(p));
};

/** roleRow and everyone are grantees that nobody has to look for. */
export const roleRow = (id: "ADMIN" | "USER"): Row => ({ kind: "role", id, name: `Everybody with the role ${id}`, detail: "", may: [] });
export const everyone: Row = { kind: "everyone", id: "", name: "Everyone", detail: "Whoever has an account here", may: [] };

export function rowOf(g: GrantView): Row {
  const may = ordered(g.permissions ?? []);
  if (g.kind === "everyone") return { ...everyone, may };
  if (g.kind === "role" && (g.id === "ADMIN" || g.id === "USER")) return { ...roleRow(g.id), may };
  const id = g.id ?? "";
  return { kind: g.kind, id, name: g.name || g.email || id, detail: g.kind === "group" ? "Group" : (g.email ?? ""), may };
}

export const grantsOf = (rows: Row[]): GrantView[] => rows.filter((r) => r.may.length > 0).map((r) => ({ kind: r.kind, id: r.id || undefined, permissions: r.may }));

/** toggled is what may be done after one permission is given or taken: each brings VIEW. */
export function toggled(may: Permission[], p: Permission): Permission[] {
  if (!may.includes(p)) return ordered([...may, p, "VIEW"]);
  return p === "VIEW" ? [] : may.filter((m) => m !== p);
}

const list = (parts: string[]): string => (parts.length < 2 ? (parts[0] ?? "") : `${parts.slice(0, -1).join(", ")} and ${parts.at(-1)}`);

/** sentence says what somebody can do, and what not. */
export function sentence(name: string, may: Permission[]): string {
  if (may.length === 0) return `${name} can do nothing, and is left out when you save.`;
  const can: string[] = [];
  const cannot: string[] = [];
  if (may.includes("USE")) can.push("use its tools");
  else {
    can.push("see that it is there");
    cannot.push("use its tools");
  }
  if (may.includes("EDIT")) {
    can.push("change it");
    cannot.push("read its secrets");
  } else cannot.push("see its address or credentials");
  if (may.includes("DELETE")) can.push("delete it for everybody");
  if (may.includes("SHARE")) can.push("share what they may do themselves");
  return `${name} can ${list(can)}, but cannot ${cannot.join(" or ")}.`;
}

/** rowWrong finds what the API says of a row. */
export function rowWrong(path: string): number {
  const at = /grants\[(\d+)\]/.exec(path);
  return at ? Number(at[1]) : -1;
}

export const sameRows = (a: Row[], b: Row[]): boolean => JSON.stringify(a.map((r) => [keyOf(r), r.may])) === JSON.stringify(b.map((r) => [keyOf(r), r.may]));
