import "../api/all";
import { useSuspenseQuery } from "@tanstack/react-query";
import { Link, Outlet, useRouterState, useSearch } from "@tanstack/react-router";
import { Menu } from "lucide-react";
import { lazy, Suspense, useEffect, useRef, useState } from "react";
import { me as meQuery } from "../api/me";
import { cx } from "../lib/cx";
import { Button, IconButton } from "../ui/button";
import { Dialog } from "../ui/dialog";
import { Toaster } from "../ui/toast";
import { Live, useLink } from "./live";
import { Mark } from "./mark";
import { DrawerContext } from "./drawer";
import { Navigation } from "./nav";

function Brand() {
  return (
    <Link to="/" className="flex items-center gap-2.5 rounded-lg text-text no-underline">
      <Mark className="size-7" />
      <span className="font-semibold">patchbay</span>
    </Link>
  );
}

/** OfflineBanner says that what is shown may be old. */
function OfflineBanner() {
  const { link, retry } = useLink();
  return (
    <div role="status">
      {link === "down" && (
        <div className="flex flex-wrap items-center justify-center gap-x-4 gap-y-1 border-b border-key bg-key-tint px-4 py-1.5 text-sm text-key">
          Connection to patchbay lost. What you see may be old; reconnecting…
          <Button onClick={retry} className="min-h-8!">
            Try now
          </Button>
        </div>
      )}
    </div>
  );
}

const Rail = lazy(async () => ({ default: (await import("../chat/rail/rail")).Rail }));

const ConfigDialog = lazy(async () => ({ default: (await import("../servers/config-dialog")).ConfigDialog }));

// Configure is open when the address names a server to configure.
function Configure() {
  const { configure: name } = useSearch({ from: "/shell" });
  if (!name) return null;
  return (
    <Suspense fallback={null}>
      <ConfigDialog key={name} name={name} />
    </Suspense>
  );
}

/** useArrival moves the focus to the new page's heading, as a page load would. */
function useArrival() {
  const path = useRouterState({ select: (s) => s.location.pathname });
  const before = useRef(path);
  const main = useRef<HTMLElement>(null);
  useEffect(() => {
    if (before.current === path) return;
    const within = before.current.startsWith("/c/") && path.startsWith("/c/");
    before.current = path;
    if (within) return; // the chat knows where the focus goes
    main.current?.focus({ preventScroll: true });
    window.scrollTo(0, 0);
  }, [path]);
  return main;
}

export function Shell() {
  const { data: me } = useSuspenseQuery(meQuery);
  const [drawer, setDrawer] = useState(false);
  const main = useArrival();
  const chat = useRouterState({ select: (s) => s.location.pathname.startsWith("/c/") });
  const ways = (onGo?: () => void) =>
    chat ? (
      <Suspense fallback={<div className="flex-1" />}>
        <Rail me={me} onGo={onGo} />
      </Suspense>
    ) : (
      <Navigation me={me} onGo={onGo} />
    );
  return (
    <Live user={me.id}>
      <a href="#main" className="sr-only focus:not-sr-only focus:fixed focus:left-3 focus:top-3 focus:z-50 focus:rounded-lg focus:bg-surface focus:px-4 focus:py-2">
        Skip to content
      </a>
      <div className={chat ? "flex h-dvh" : "flex min-h-dvh"}>
        <aside aria-label="Sidebar" className={cx("sticky top-0 hidden h-dvh shrink-0 flex-col gap-4 overflow-y-auto border-r border-line bg-surface p-3 md:flex", chat ? "w-66" : "w-60")}>
          <div className="px-2 pt-2">
            <Brand />
          </div>
          {ways()}
        </aside>
        <div className="flex min-h-0 min-w-0 flex-1 flex-col">
          {!chat && (
            <header className="sticky top-0 z-30 flex items-center gap-2 border-b border-line bg-surface px-2 py-1 md:hidden">
              <IconButton label="Open navigation" icon={Menu} onClick={() => setDrawer(true)} />
              <Brand />
            </header>
          )}
          <OfflineBanner />
          <DrawerContext value={() => setDrawer(true)}>
            <main id="main" ref={main} tabIndex={-1} className="min-h-0 flex-1 outline-none">
              <Outlet />
            </main>
          </DrawerContext>
        </div>
      </div>
      <Dialog side open={drawer} onClose={() => setDrawer(false)} title="patchbay">
        <div className="flex min-h-full flex-col">{ways(() => setDrawer(false))}</div>
      </Dialog>
      <Configure />
      <Toaster />
    </Live>
  );
}
