import { Link } from "@tanstack/react-router";
import { Activity, Bot, BrainCircuit, FileCog, FlaskConical, KeyRound, LogOut, type LucideIcon, MessagesSquare, MonitorSmartphone, Palette, Server, ShieldCheck, Users, UsersRound } from "lucide-react";
import type { ReactNode } from "react";
import { call } from "../api/client";
import type { UserView } from "../api/schema";
import { base } from "../lib/base";
import { label } from "../lib/text";
import { toast } from "../ui/toast";
import { messageOf } from "../api/errors";

type Target = "/" | "/agents" | "/settings/keys" | "/settings/approvals" | "/servers" | "/playground/{-$server}/{-$tool}" | "/admin/servers" | "/admin/users" | "/admin/groups" | "/admin/system" | "/settings/security" | "/settings/tokens" | "/settings/appearance";

function Item({ to, icon: Icon, children, onGo }: { to: Target; icon: LucideIcon; children: ReactNode; onGo?: () => void }) {
  return (
    <li>
      <Link
        to={to}
        onClick={onGo}
        className="flex min-h-11 items-center gap-3 rounded-lg px-3 text-sm no-underline md:min-h-9"
        activeProps={{ className: "bg-accent-tint font-medium text-accent", "aria-current": "page" }}
        inactiveProps={{ className: "text-text hover:bg-sunken" }}
      >
        <Icon aria-hidden className="size-4.5 shrink-0" />
        {children}
      </Link>
    </li>
  );
}

function Group({ title, children }: { title: string; children: ReactNode }) {
  const id = `nav-${title.toLowerCase()}`;
  return (
    <div>
      <h2 id={id} className="mb-1 px-3 text-xs font-medium text-muted">
        {title}
      </h2>
      <ul aria-labelledby={id} className="flex flex-col gap-0.5">
        {children}
      </ul>
    </div>
  );
}

async function signOut(): Promise<void> {
  try {
    await call("logout", {});
    for (const key of Object.keys(localStorage)) if (key.startsWith("patchbay-draft")) localStorage.removeItem(key);
    location.replace(`${base}/login`);
  } catch (error) {
    toast(messageOf(error));
  }
}

/** Navigation leads everywhere; on a phone it is in a drawer. */
export function Navigation({ me, onGo }: { me: UserView; onGo?: () => void }) {
  return (
    <nav aria-label="Main" className="flex flex-1 flex-col gap-5">
      <ul>
        <Item to="/" icon={MessagesSquare} onGo={onGo}>
          Chats
        </Item>
      </ul>
      <Group title="Tools">
        <Item to="/agents" icon={Bot} onGo={onGo}>
          Agents
        </Item>
        <Item to="/servers" icon={Server} onGo={onGo}>
          MCP servers
        </Item>
        <Item to="/playground/{-$server}/{-$tool}" icon={FlaskConical} onGo={onGo}>
          Playground
        </Item>
      </Group>
      {me.role === "ADMIN" && (
        <Group title="Administration">
          <Item to="/admin/servers" icon={Activity} onGo={onGo}>
            What is running
          </Item>
          <Item to="/admin/users" icon={Users} onGo={onGo}>
            People
          </Item>
          <Item to="/admin/groups" icon={UsersRound} onGo={onGo}>
            Groups
          </Item>
          <Item to="/admin/system" icon={FileCog} onGo={onGo}>
            Configuration
          </Item>
        </Group>
      )}
      <Group title="Settings">
        <Item to="/settings/security" icon={MonitorSmartphone} onGo={onGo}>
          Password and devices
        </Item>
        <Item to="/settings/keys" icon={BrainCircuit} onGo={onGo}>
          Model keys
        </Item>
        <Item to="/settings/approvals" icon={ShieldCheck} onGo={onGo}>
          Approvals
        </Item>
        <Item to="/settings/tokens" icon={KeyRound} onGo={onGo}>
          API tokens
        </Item>
        <Item to="/settings/appearance" icon={Palette} onGo={onGo}>
          Appearance
        </Item>
      </Group>
      <div className="mt-auto border-t border-line pt-3">
        <p className="px-3 text-sm font-medium">
          <bdi>{label(me.name || me.username, 60)}</bdi>
        </p>
        <p className="px-3 text-xs text-muted">{label(me.email, 80)}</p>
        <button type="button" onClick={signOut} className="mt-1 flex min-h-11 w-full items-center gap-3 rounded-lg px-3 text-sm hover:bg-sunken md:min-h-9">
          <LogOut aria-hidden className="size-4.5" />
          Sign out
        </button>
      </div>
    </nav>
  );
}
