import { Ellipsis } from "lucide-react";
import { lazy, Suspense, useState } from "react";
import { menuButton, type MenuProps } from "./menu-button";
import { titleOf } from "./title";

const load = () => import("./conversation-menu-open");
const Open = lazy(async () => ({ default: (await load()).ConversationMenuOpen }));

/** ConversationMenu is a button until it is pressed for the first time. */
export function ConversationMenu(props: MenuProps) {
  const [wanted, setWanted] = useState(false);
  const button = (
    <button type="button" aria-haspopup="menu" aria-label={`Actions for ${titleOf(props.conversation)}`} onPointerEnter={() => void load()} onFocus={() => void load()} onClick={() => setWanted(true)} className={menuButton(props.className)}>
      <Ellipsis aria-hidden className="size-4" />
    </button>
  );
  if (!wanted) return button;
  return (
    <Suspense fallback={button}>
      <Open {...props} />
    </Suspense>
  );
}
