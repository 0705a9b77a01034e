import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { Pencil, Share2, Trash2 } from "lucide-react";
import { useState } from "react";
import { call } from "../api/client";
import { messageOf } from "../api/errors";
import { keys } from "../api/keys";
import type { ServerView } from "../api/schema";
import { count } from "../lib/format";
import { label } from "../lib/text";
import { Button, buttonClass } from "../ui/button";
import { Confirm } from "../ui/confirm";
import { Banner } from "../ui/feedback";
import { toast } from "../ui/toast";
import { can } from "./status";

/** Manage is what can be done with a server that a person made, by permission. */
export function Manage({ server }: { server: ServerView }) {
  const [deleting, setDeleting] = useState(false);
  return (
    <>
      {can(server, "EDIT") && (
        <Link to="/servers/$name/edit" params={{ name: server.name }} search={{}} className={buttonClass("plain")}>
          <Pencil aria-hidden className="size-4" />
          Edit
        </Link>
      )}
      {can(server, "SHARE") && (
        <Link to="/servers/$name/share" params={{ name: server.name }} search={{}} className={buttonClass("plain")}>
          <Share2 aria-hidden className="size-4" />
          Share
        </Link>
      )}
      {can(server, "DELETE") && (
        <Button look="danger" icon={Trash2} onClick={() => setDeleting(true)}>
          Delete
        </Button>
      )}
      {deleting && <Deleting server={server} onClose={() => setDeleting(false)} />}
    </>
  );
}

// Deleting names what goes with the server, as far as the person may know it.
function Deleting({ server, onClose }: { server: ServerView; onClose: () => void }) {
  const cache = useQueryClient();
  const navigate = useNavigate();
  const title = label(server.title, 60);
  const agents = useQuery({ queryKey: [...keys.agents.all, "using", server.name], queryFn: ({ signal }) => call("listAgents", { query: { limit: 100 } }, signal), staleTime: 0 });
  const access = useQuery({ queryKey: ["access", server.name, "count"], queryFn: ({ signal }) => call("getAccess", { path: { serverName: server.name } }, signal), enabled: can(server, "SHARE"), staleTime: 0, gcTime: 0 });
  const using = (agents.data?.data ?? []).filter((a) => (a.tools ?? []).some((t) => t.serverName === server.name)).length;
  const shared = access.data?.grants?.length ?? 0;
  const remove = useMutation({
    mutationFn: () => call("deleteServer", { path: { serverName: server.name } }),
    onSuccess: () => {
      toast("Server deleted");
      void navigate({ to: "/servers", search: {}, replace: true }).then(() => {
        cache.removeQueries({ queryKey: keys.servers.one(server.name) });
        cache.removeQueries({ queryKey: keys.tools.of(server.name) });
        void cache.invalidateQueries({ queryKey: keys.servers.lists });
      });
    },
  });
  return (
    <Confirm open title={`Delete ${title}?`} action="Delete" busy={remove.isPending} onConfirm={() => remove.mutate()} onClose={onClose}>
      <div className="flex flex-col gap-3">
        {remove.isError && (
          <Banner tone="error" alert>
            {messageOf(remove.error)}
          </Banner>
        )}
        <p>This cannot be taken back. What goes:</p>
        <ul className="list-disc pl-5">
          <li>its definition, with its secrets</li>
          <li>everybody’s connections to it, and the variables and sign-ins that they gave for it</li>
          {can(server, "SHARE") && <li>{shared > 0 ? `what it is shared as, with ${count(shared, "person, group or role", "people, groups and roles")}` : "nothing of others: it is shared with nobody"}</li>}
          {using > 0 && <li>its tools in {count(using, "agent that you can see", "agents that you can see")}</li>}
        </ul>
        <p>Chats keep what its tools answered.</p>
      </div>
    </Confirm>
  );
}
