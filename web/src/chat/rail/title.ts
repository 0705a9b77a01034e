import { label } from "../../lib/text";
import type { ConversationView } from "../types";

export const titleOf = (c: Pick<ConversationView, "title"> | undefined): string => (c ? label(c.title, 120) || "New chat" : "New chat");
