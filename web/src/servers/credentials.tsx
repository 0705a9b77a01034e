import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Trash2 } from "lucide-react";
import { type FormEvent, type ReactNode, useState } from "react";
import { call } from "../api/client";
import { messageOf } from "../api/errors";
import { keys } from "../api/keys";
import { variableFlags } from "../api/queries";
import type { FlagsOutputBody, ServerView } from "../api/schema";
import { label } from "../lib/text";
import { Button } from "../ui/button";
import { Confirm } from "../ui/confirm";
import { Badge, Banner, Failed, Skeleton } from "../ui/feedback";
import { SecretField, TextField } from "../ui/field";
import { toast } from "../ui/toast";
import { RichText } from "./rich-text";
import { type Variable, variablesOf } from "./variables";

function VariableField({ variable, set, first }: { variable: Variable; set: boolean; first: boolean }) {
  const Control = variable.sensitive ? SecretField : TextField;
  const title = label(variable.title, 120);
  return (
    <div className="relative">
      <Badge look={set ? "bg-ok-tint text-ok" : undefined} className="absolute right-0 top-0">{set ? "Set" : "Not set"}</Badge>
      <Control
        label={title}
        name={variable.name}
        autoComplete="off"
        data-1p-ignore=""
        className="[&>label]:pr-20"
        autoFocus={first}
        help={
          <>
            {variable.description && (
              <span className="block">
                <RichText text={variable.description} />
              </span>
            )}
            {set && <span className="block">Leave empty to keep the value that is set.</span>}
          </>
        }
      />
    </div>
  );
}

/** Credentials is the form of a person's variables of a server. Values go in and never come out. */
export function Credentials({ server, onSaved, submit = "Save" }: { server: ServerView; onSaved?: () => void; submit?: string }) {
  const flags = useQuery(variableFlags(server.name));
  if (flags.isPending) return <Skeleton rows={1} what="your variables" />;
  if (flags.isError) return <Failed error={flags.error} retry={() => flags.refetch()} what="Your variables" />;
  return <Form server={server} flags={flags.data.authValueFlags} onSaved={onSaved} submit={submit} />;
}

function Form({ server, flags, onSaved, submit }: { server: ServerView; flags: Record<string, boolean>; onSaved?: () => void; submit: string }) {
  const cache = useQueryClient();
  const [problem, setProblem] = useState<ReactNode>("");
  const [revoking, setRevoking] = useState(false);
  const [round, setRound] = useState(0);
  const variables = variablesOf(server);
  const path = { serverName: server.name };
  const took = (answer: FlagsOutputBody) => {
    cache.setQueryData(keys.servers.flags(server.name), answer);
    setRound((n) => n + 1); // empties the fields: what was typed is stored, not shown
  };
  const save = useMutation({
    mutationFn: (authValues: Record<string, string>) => call("putAuthValues", { path, body: { authValues } }),
    onSuccess: (answer) => {
      took(answer);
      toast("Saved");
      onSaved?.();
    },
    onError: (error) => setProblem(messageOf(error)),
  });
  const revoke = useMutation({
    mutationFn: () => call("deleteAuthValues", { path, query: {} }),
    onSuccess: (answer) => {
      took(answer);
      toast("Removed");
    },
    onError: (error) => setProblem(messageOf(error)),
    onSettled: () => setRevoking(false),
  });
  const send = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    if (save.isPending) return;
    const given: Record<string, string> = {};
    for (const [name, value] of new FormData(event.currentTarget)) if (typeof value === "string" && value !== "") given[name] = value;
    setProblem("");
    if (Object.keys(given).length === 0) {
      setProblem(variables.every((v) => flags[v.name]) ? "Nothing was typed, so nothing changes." : "Fill in a value first.");
      return;
    }
    save.mutate(given);
  };
  const missing = variables.findIndex((v) => !flags[v.name]);
  const anySet = variables.some((v) => flags[v.name]);
  return (
    <form key={round} onSubmit={send} autoComplete="off" className="flex flex-col gap-4">
      {problem && (
        <Banner tone="error" alert>
          {problem}
        </Banner>
      )}
      {variables.map((v, i) => (
        <VariableField key={v.name} variable={v} set={flags[v.name] ?? false} first={round === 0 && i === missing} />
      ))}
      <div className="flex flex-wrap gap-2">
        <Button type="submit" look="primary" busy={save.isPending}>
          {submit}
        </Button>
        {anySet && (
          <Button look="danger" icon={Trash2} onClick={() => setRevoking(true)}>
            Revoke
          </Button>
        )}
      </div>
      <Confirm
        open={revoking}
        title="Remove your values?"
        action="Remove"
        busy={revoke.isPending}
        onConfirm={() => revoke.mutate()}
        onClose={() => setRevoking(false)}
      >
        Removes what you gave for {label(server.title)} and closes your connection. Nobody else is affected.
      </Confirm>
    </form>
  );
}
