import { useMutation, useQuery, useQueryClient, useSuspenseQuery } from "@tanstack/react-query";
import { Link, useBlocker, useParams } from "@tanstack/react-router";
import { Globe, ShieldCheck, Users } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { useSite } from "../../account/use-site";
import { call } from "../../api/client";
import { APIError, isCode, messageOf } from "../../api/errors";
import { keys } from "../../api/keys";
import { me } from "../../api/me";
import { oneServer } from "../../api/queries";
import type { AccessBody, ServerView } from "../../api/schema";
import { label } from "../../lib/text";
import { Finder } from "../../people/finder";
import { NotFound } from "../../shell/not-found";
import { Button } from "../../ui/button";
import { Banner, Failed, Skeleton } from "../../ui/feedback";
import { LeaveDialog } from "../../ui/leave-dialog";
import { Page, Panel } from "../../ui/page";
import { toast } from "../../ui/toast";
import { can } from "../status";
import { GrantRow } from "./grant-row";
import { everyone, grantsOf, keyOf, type Permission, roleRow, type Row, rowOf, rowWrong, sameRows, toggled } from "./grants";

/** SharePage says who may do what with a server. */
export function SharePage() {
  const { name } = useParams({ from: "/shell/servers/$name/share" });
  const server = useQuery(oneServer(name));
  const may = server.data ? can(server.data, "SHARE") && server.data.source === "user" : false;
  const access = useQuery({ queryKey: ["access", name], queryFn: ({ signal }) => call("getAccess", { path: { serverName: name } }, signal), enabled: may, staleTime: 0, gcTime: 0, refetchOnWindowFocus: false, refetchOnReconnect: false });
  if (isCode(server.error, "not_found")) return <NotFound />;
  if (server.data && access.data) return <Sharing key={name} server={server.data} access={access.data} />;
  const failed = server.error ?? access.error;
  return (
    <Page title={`Share ${label(server.data?.title ?? name)}`} lead={<Back name={name} />}>
      {failed && <Failed error={failed} retry={() => void (server.isError ? server.refetch() : access.refetch())} what="Who may do what" />}
      {!failed && (server.isPending || may) && <Skeleton what="who may do what" />}
      {server.data && !may && (
        <Banner tone="warning">{server.data.source === "yaml" ? "This server is defined in the configuration file: its key access says there who may use it." : "You lack the permission SHARE on this server. Ask its owner for it."}</Banner>
      )}
    </Page>
  );
}

function Back({ name }: { name: string }) {
  return (
    <Link to="/servers/$name" params={{ name }} search={{}}>
      Back to the server
    </Link>
  );
}

// sharedKey reports whether a secret of the definition goes with everybody's calls.
const sharedKey = (s: ServerView): boolean => s.apiKey?.source === "admin" || Object.values({ ...s.headers, ...s.requestHeaders, ...s.env }).includes("set");

function Sharing({ server, access }: { server: ServerView; access: AccessBody }) {
  const cache = useQueryClient();
  const { data: user } = useSuspenseQuery(me);
  const site = useSite();
  const [saved, setSaved] = useState(() => (access.grants ?? []).map(rowOf));
  const [rows, setRows] = useState(saved);
  const [fresh, setFresh] = useState("");
  const list = useRef<HTMLUListElement>(null);
  const problem = useRef<HTMLDivElement>(null);
  const admin = user.role === "ADMIN";
  const rules = site?.interface.mcpServers;
  const maySharing = admin || (rules?.share ?? true);
  const mayPublic = admin || (maySharing && (rules?.public ?? site === null));
  const held = (server.permissions ?? []) as Permission[];
  const title = label(server.title, 80);
  const dirty = !sameRows(saved, rows);
  const save = useMutation({
    mutationFn: () => call("putAccess", { path: { serverName: server.name }, body: { grants: grantsOf(rows) } }),
    onSuccess: (now) => {
      const read = (now.grants ?? []).map(rowOf);
      setSaved(read);
      setRows(read);
      cache.setQueryData(["access", server.name], now);
      void cache.invalidateQueries({ queryKey: keys.servers.all });
      toast("Saved: it holds from now on");
    },
    onError: () => requestAnimationFrame(() => problem.current?.focus()),
  });
  // Who was added is where one goes on.
  useEffect(() => {
    if (fresh) list.current?.querySelector<HTMLElement>(`[data-key="${CSS.escape(fresh)}"] input:not(:disabled):not([value=VIEW])`)?.focus();
  }, [fresh]);
  const add = (row: Row) => {
    setRows((old) => [...old, { ...row, may: held.filter((p) => p === "VIEW" || p === "USE") }]);
    setFresh(keyOf(row));
  };
  const has = (row: Pick<Row, "kind" | "id">) => rows.some((r) => keyOf(r) === keyOf(row));
  const blocker = useBlocker({ shouldBlockFn: ({ current, next }) => dirty && current.pathname !== next.pathname, enableBeforeUnload: () => dirty, withResolver: true });
  const fields = save.error instanceof APIError ? save.error.fields : [];
  // What is sent leaves out rows that may do nothing.
  const sent = rows.filter((r) => r.may.length > 0);
  const wrongOf = (row: Row) => fields.find((f) => rowWrong(f.path) >= 0 && sent[rowWrong(f.path)] === row)?.message;
  const quick: [Row, typeof Globe, boolean][] = [
    [everyone, Globe, mayPublic],
    [roleRow("USER"), Users, maySharing],
    [roleRow("ADMIN"), ShieldCheck, maySharing],
  ];
  return (
    <Page title={`Share ${title}`} heading={<span className="foreign">Share {title}</span>} lead={<Back name={server.name} />}>
      {save.isError && (
        <Banner tone="error" alert ref={problem}>
          {fields.some((f) => rowWrong(f.path) >= 0) ? "Something cannot be given: see below." : messageOf(save.error)}
        </Banner>
      )}
      {sharedKey(server) && <Banner>A key is set for this server: whoever may use it does so with that key, and does not see it.</Banner>}
      {!maySharing && <Banner tone="warning">Your role may not share servers (interface.mcpServers.share). You can still take away what you gave.</Banner>}
      <Panel title="Add" lead="Somebody added may use the tools; say below what else.">
        <div className="flex flex-col gap-4">
          <Finder label="Search people and groups" groups except={(f) => has(f) || f.id === access.owner} onPick={(f) => add({ ...f, detail: f.kind === "group" ? "Group" : f.detail, may: [] })} />
          <div className="flex flex-wrap gap-2">
            {quick
              .filter(([row, , may]) => may && !has(row))
              .map(([row, icon]) => (
                <Button key={keyOf(row)} icon={icon} onClick={() => add(row)}>
                  Add {row.kind === "role" ? `role ${row.id}` : "everyone"}
                </Button>
              ))}
          </div>
        </div>
      </Panel>
      <Panel title="Who may do what" lead={`You give no more than you have yourself. ${label(access.ownerName || "Nobody", 80)}${access.owner === user.id ? " (you)" : ""} owns it and may do everything.`}>
        {rows.length === 0 && <p className="text-sm">It is shared with nobody: nobody else sees that it is there.</p>}
        <ul ref={list} className="-my-4 divide-y divide-line">
          {rows.map((row) => (
            <GrantRow
              key={keyOf(row)}
              row={row}
              held={held}
              mine={row.kind === "user" && row.id === user.id}
              wrong={wrongOf(row)}
              onToggle={(p) => setRows((old) => old.map((r) => (r === row ? { ...r, may: toggled(r.may, p) } : r)))}
              onRemove={() => {
                setRows((old) => old.filter((r) => r !== row));
                document.getElementById("main")?.focus({ preventScroll: true });
              }}
            />
          ))}
        </ul>
      </Panel>
      <div className="sticky bottom-0 z-10 -mx-4 flex flex-wrap items-center justify-end gap-3 border-t border-line bg-page px-4 py-3 md:mx-0 md:px-0">
        <span role="status" className="text-sm text-muted">
          {dirty ? "Not saved yet" : ""}
        </span>
        <Button look="primary" busy={save.isPending} onClick={() => save.mutate()}>
          Save
        </Button>
      </div>
      <LeaveDialog blocker={blocker} what="Who may do what" />
    </Page>
  );
}
