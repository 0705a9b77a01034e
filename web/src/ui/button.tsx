import { LoaderCircle, type LucideIcon } from "lucide-react";
import type { ButtonHTMLAttributes, Ref } from "react";
import { cx } from "../lib/cx";

type Look = "primary" | "plain" | "quiet" | "danger";

const looks: Record<Look, string> = {
  primary: "bg-accent text-on-accent border-transparent hover:brightness-110",
  plain: "bg-surface text-text border-control hover:bg-sunken",
  quiet: "bg-transparent text-text border-transparent hover:bg-sunken",
  danger: "bg-surface text-danger border-danger hover:bg-danger-tint",
};

/** buttonClass is for links that look like buttons. */
export function buttonClass(look: Look = "plain", more = ""): string {
  return cx(
    "inline-flex min-h-11 items-center justify-center gap-2 rounded-lg border px-4 py-1.5 text-sm font-medium no-underline transition-colors md:min-h-9",
    "aria-disabled:cursor-not-allowed aria-disabled:opacity-60 disabled:opacity-60",
    looks[look],
    more,
  );
}

type ButtonProps = ButtonHTMLAttributes<HTMLButtonElement> & {
  look?: Look;
  /** busy keeps the button where it is and its width, and makes pressing it do nothing. */
  busy?: boolean;
  icon?: LucideIcon;
  ref?: Ref<HTMLButtonElement>;
};

export function Button({ look, busy = false, icon: Icon, className, children, onClick, type = "button", ...rest }: ButtonProps) {
  return (
    <button
      type={type === "submit" ? "submit" : "button"}
      className={buttonClass(look, className)}
      aria-disabled={busy || undefined}
      onClick={(e) => {
        if (busy) e.preventDefault();
        else onClick?.(e);
      }}
      {...rest}
    >
      {busy ? <LoaderCircle aria-hidden className="size-4 animate-spin" /> : Icon && <Icon aria-hidden className="size-4" />}
      {children}
    </button>
  );
}

type IconButtonProps = Omit<ButtonProps, "children" | "icon"> & { label: string; icon: LucideIcon };

/** IconButton has a name that is always there, and a shape. */
export function IconButton({ label, icon: Icon, className, look = "quiet", ...rest }: IconButtonProps) {
  return (
    <Button look={look} className={cx("size-11 shrink-0 px-0! md:size-9", className)} aria-label={label} title={label} {...rest}>
      <Icon aria-hidden className="size-4.5" />
    </Button>
  );
}
