import { cx } from "../../lib/cx";
import type { ConversationView } from "../types";

export interface MenuProps {
  conversation: ConversationView;
  /** open: it is the conversation on screen. */
  open: boolean;
  onRename: () => void;
  className?: string;
}

export const menuButton = (more?: string): string => cx("flex size-11 shrink-0 items-center justify-center rounded-lg text-muted hover:text-text md:size-8", more);
