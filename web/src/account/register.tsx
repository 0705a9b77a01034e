import { Link, useSearch } from "@tanstack/react-router";
import { call } from "../api/client";
import { useForm } from "../lib/use-form";
import { Button } from "../ui/button";
import { SecretField, TextField } from "../ui/field";
import { Banner } from "../ui/feedback";
import { enter } from "./enter";
import { useSite } from "./use-site";
import { Gate, Summary } from "./gate";

export function Register() {
  const { next } = useSearch({ from: "/register" });
  const here = useSite();
  const form = useForm(
    (v) => call("register", { body: { email: v.email ?? "", name: v.name || undefined, password: v.password ?? "" } }),
    () => enter(next),
  );
  return (
    <Gate
      title="Create an account"
      below={
        <p>
          You have one?{" "}
          <Link to="/login" search={{ next }}>
            Sign in
          </Link>
        </p>
      }
    >
      {here && !here.registrationEnabled && (
        <div className="mb-4">
          <Banner>Registration is closed. {here.setupNeeded ? "The first account is made with the set-up link that the log prints." : "Ask an administrator."}</Banner>
        </div>
      )}
      <form onSubmit={form.submit} className={here && !here.registrationEnabled ? "hidden" : "flex flex-col gap-4"}>
        <Summary form={form} />
        <TextField label="E-mail" name="email" type="email" autoComplete="username" required autoFocus wrong={form.wrong("email")} />
        <TextField label="Name" name="name" autoComplete="name" optional help="How others see you here." wrong={form.wrong("name")} />
        <SecretField label="Password" name="password" autoComplete="new-password" required help="At least 8 characters." wrong={form.wrong("password")} />
        <Button type="submit" look="primary" busy={form.busy}>
          {form.busy ? "Creating…" : "Create account"}
        </Button>
      </form>
    </Gate>
  );
}
