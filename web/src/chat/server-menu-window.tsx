import { Popover } from "radix-ui";
import { type KeyboardEvent, type RefObject, useEffect, useRef } from "react";
import { phone, useMedia } from "../lib/use-media";
import { DialogWindow } from "../ui/dialog-window";
import type { ServerMenuProps } from "./server-menu";
import { ServerMenuFooter, ServerMenuList } from "./server-menu-list";

type Props = ServerMenuProps & { chip: RefObject<HTMLButtonElement | null>; onClose: () => void };

// What is typed here is not typed into the chat.
const keep = (event: KeyboardEvent) => event.stopPropagation();

/** ServerMenuWindow is the open menu: over the chip, or at the bottom of a phone. */
export function ServerMenuWindow({ chip, onClose, ...props }: Props) {
  const narrow = useMedia(phone);
  const within = useRef<HTMLDivElement>(null);
  // Escape, and what is done here, lead back to the chip.
  const leave = () => {
    onClose();
    chip.current?.focus();
  };
  if (narrow) {
    return (
      <DialogWindow open onClose={leave} title="MCP servers" fallback={() => chip.current} footer={<ServerMenuFooter onGo={onClose} />}>
        <div className="-mx-3" onKeyDown={keep} role="presentation">
          <ServerMenuList {...props} onClose={onClose} />
        </div>
      </DialogWindow>
    );
  }
  return (
    <Popover.Root open onOpenChange={(open) => !open && onClose()}>
      <Popover.Anchor virtualRef={chip as RefObject<HTMLButtonElement>} />
      <Popover.Portal>
        <Popover.Content
          ref={within}
          aria-label="MCP servers"
          side="top"
          align="start"
          sideOffset={8}
          collisionPadding={8}
          onKeyDown={keep}
          onEscapeKeyDown={leave}
          onInteractOutside={(e) => chip.current?.contains(e.target as Node) && e.preventDefault()}
          onOpenAutoFocus={(e) => e.preventDefault()}
          onCloseAutoFocus={(e) => e.preventDefault()}
          className="z-40 flex max-h-[min(32rem,var(--radix-popover-content-available-height))] w-[27rem] max-w-[calc(100vw-1rem)] flex-col rounded-2xl border border-line bg-surface shadow-pop outline-none"
        >
          <Arrive within={within} />
          <div className="min-h-0 flex-1 overflow-y-auto p-2">
            <ServerMenuList {...props} onClose={onClose} />
          </div>
          <div className="flex justify-between gap-2 border-t border-line px-3 py-2">
            <ServerMenuFooter onGo={onClose} />
          </div>
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  );
}

// The focus goes to the search, or to the first row.
function Arrive({ within }: { within: RefObject<HTMLDivElement | null> }) {
  useEffect(() => {
    const box = within.current;
    const first = box?.querySelector<HTMLElement>('input[type="search"], input[data-row], a, button');
    (first ?? box)?.focus({ preventScroll: true });
  }, [within]);
  return null;
}
