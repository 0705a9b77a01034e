import { Link, useSearch } from "@tanstack/react-router";
import { call } from "../api/client";
import { APIError } from "../api/errors";
import { useForm } from "../lib/use-form";
import { Button } from "../ui/button";
import { SecretField, TextField } from "../ui/field";
import { Gate, Summary } from "./gate";
import { enter } from "./enter";
import { useSite } from "./use-site";

export function Login() {
  const { next } = useSearch({ from: "/login" });
  const form = useForm(
    (v) => call("login", { body: { email: v.email ?? "", password: v.password ?? "" } }),
    () => enter(next),
  );
  const here = useSite();
  // Which of the two is wrong is not said, so both are marked.
  const refused = form.failed instanceof APIError && form.failed.status === 401;
  return (
    <Gate
      title="Sign in"
      below={
        <>
          {(here === null || here?.registrationEnabled) && (
            <p>
              No account yet?{" "}
              <Link to="/register" search={{ next }}>
                Create an account
              </Link>
            </p>
          )}
          {here && !here.registrationEnabled && !here.setupNeeded && <p>No account yet? Ask an administrator for one.</p>}
          {(here === null || here?.setupNeeded) && (
            <p className="mt-2">
              First start? Open the link that the log prints, or <Link to="/setup">create the first administrator</Link>.
            </p>
          )}
        </>
      }
    >
      <form onSubmit={form.submit} className="flex flex-col gap-4">
        <Summary form={form} />
        <TextField label="E-mail" name="email" type="email" autoComplete="username" required autoFocus aria-invalid={refused || undefined} wrong={form.wrong("email")} />
        <SecretField label="Password" name="password" autoComplete="current-password" required wrong={form.wrong("password")} />
        <Button type="submit" look="primary" busy={form.busy}>
          {form.busy ? "Signing in…" : "Sign in"}
        </Button>
      </form>
    </Gate>
  );
}
