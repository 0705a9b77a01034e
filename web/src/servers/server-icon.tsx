import { useState } from "react";
import type { ServerView } from "../api/schema";
import { cx } from "../lib/cx";
import { initials } from "../lib/text";

/** ServerIcon shows a server's own icon, in an img and nowhere else, or its initials. */
export function ServerIcon({ server, className }: { server: Pick<ServerView, "icon" | "title" | "name">; className?: string }) {
  const [broken, setBroken] = useState(false);
  const shape = cx("flex size-10 shrink-0 items-center justify-center overflow-hidden rounded-lg bg-sunken", className);
  if (server.icon && !broken) {
    return (
      <span className={shape}>
        <img src={server.icon} alt="" loading="lazy" decoding="async" className="size-full object-contain" onError={() => setBroken(true)} />
      </span>
    );
  }
  return (
    <span aria-hidden className={cx(shape, "text-sm font-semibold text-muted")}>
      {initials(server.title || server.name)}
    </span>
  );
}
