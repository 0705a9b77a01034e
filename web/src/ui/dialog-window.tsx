import { X } from "lucide-react";
import { Dialog as Radix } from "radix-ui";
import type { ReactNode } from "react";
import { cx } from "../lib/cx";
import { IconButton } from "./button";

export interface DialogProps {
  open: boolean;
  onClose: () => void;
  title: ReactNode;
  description?: ReactNode;
  children: ReactNode;
  footer?: ReactNode;
  /** side opens from the left, for navigation on a phone. */
  side?: boolean;
  /** wide is for pictures. */
  wide?: boolean;
  /** fallback gets the focus when what opened the dialog is gone. */
  fallback?: () => HTMLElement | null;
}

// What opened a dialog may not be there any more when it closes.
function keepFocus(fallback: DialogProps["fallback"]): void {
  if (document.activeElement && document.activeElement !== document.body) return;
  (fallback?.() ?? document.getElementById("main"))?.focus({ preventScroll: true });
}

/** DialogWindow is a window over the page; at the bottom of it on a phone. */
export function DialogWindow({ open, onClose, title, description, children, footer, side, wide, fallback }: DialogProps) {
  return (
    <Radix.Root open={open} onOpenChange={(next) => !next && onClose()}>
      <Radix.Portal>
        <Radix.Overlay className="fixed inset-0 z-40 bg-black/50" />
        <Radix.Content
          className={cx(
            "fixed z-50 flex flex-col bg-surface shadow-pop outline-none",
            side
              ? "inset-y-0 left-0 w-72 max-w-[85vw]"
              : cx("inset-x-0 bottom-0 max-h-[92dvh] rounded-t-2xl md:inset-x-auto md:bottom-auto md:left-1/2 md:top-1/2 md:w-full md:-translate-x-1/2 md:-translate-y-1/2 md:rounded-2xl", wide ? "md:max-w-5xl" : "md:max-w-lg"),
          )}
          onCloseAutoFocus={() => setTimeout(() => keepFocus(fallback))}
          {...(description ? {} : { "aria-describedby": undefined })}
        >
          <div className="flex items-start gap-3 border-b border-line px-5 py-3">
            <div className="min-w-0 flex-1 pt-1.5">
              <Radix.Title className="text-lg font-semibold leading-6">{title}</Radix.Title>
              {description && <Radix.Description className="mt-1 text-sm text-muted">{description}</Radix.Description>}
            </div>
            <Radix.Close asChild>
              <IconButton label="Close" icon={X} className="-mr-2" />
            </Radix.Close>
          </div>
          <div className="min-h-0 flex-1 overflow-y-auto px-5 py-4">{children}</div>
          {footer && <div className="flex flex-wrap justify-end gap-2 border-t border-line px-5 py-3">{footer}</div>}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}
