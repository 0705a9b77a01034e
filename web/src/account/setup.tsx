import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { call } from "../api/client";
import { isCode } from "../api/errors";
import { useForm } from "../lib/use-form";
import { Button } from "../ui/button";
import { SecretField, TextField } from "../ui/field";
import { enter } from "./enter";
import { Banner } from "../ui/feedback";
import { Gate, Summary } from "./gate";
import { useSite } from "./use-site";

// The link carries its token behind the #, which browsers send nowhere. It is taken out of
// the address, so that it stays in no history.
function takeToken(): string {
  const token = new URLSearchParams(location.hash.slice(1)).get("token") ?? "";
  if (location.hash) history.replaceState(history.state, "", location.pathname + location.search);
  return token;
}

export function Setup() {
  const [linked] = useState(takeToken);
  const form = useForm(
    (v) => call("setup", { body: { token: linked || (v.token ?? "").trim(), email: v.email ?? "", name: v.name || undefined, password: v.password ?? "" } }),
    () => enter(undefined),
  );
  const here = useSite();
  const late = here?.setupNeeded === false;
  const done = late || isCode(form.failed, "conflict");
  return (
    <Gate
      title="Create the first administrator"
      lead="This account looks after servers and people. You can add others later."
      below={
        done ? (
          <Link to="/login" search={{}}>
            Go to sign in
          </Link>
        ) : undefined
      }
    >
      {late && <Banner>There is an administrator already. Sign in, or ask them for an account.</Banner>}
      <form onSubmit={form.submit} className={late ? "hidden" : "flex flex-col gap-4"}>
        <Summary form={form} />
        {!linked && (
          <TextField
            label="Set-up token"
            name="token"
            required
            autoFocus
            autoComplete="off"
            spellCheck={false}
            help="patchbay prints a link with it when it starts: look for “/setup#token=” in its log. The token is what follows."
            wrong={form.wrong("token")}
          />
        )}
        <TextField label="E-mail" name="email" type="email" autoComplete="username" required autoFocus={linked !== ""} wrong={form.wrong("email")} />
        <TextField label="Name" name="name" autoComplete="name" optional wrong={form.wrong("name")} />
        <SecretField label="Password" name="password" autoComplete="new-password" required help="At least 8 characters." wrong={form.wrong("password")} />
        <Button type="submit" look="primary" busy={form.busy}>
          {form.busy ? "Creating…" : "Create administrator"}
        </Button>
      </form>
    </Gate>
  );
}
