import { Link, useSearch } from "@tanstack/react-router";
import { call } from "../api/client";
import { useForm } from "../lib/use-form";
import { Button } from "../ui/button";
import { SecretField, TextField } from "../ui/field";
import { enter } from "./enter";
import { Gate, Summary } from "./gate";

export function Register() {
  const { next } = useSearch({ from: "/register" });
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
      <form onSubmit={form.submit} className="flex flex-col gap-4">
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
