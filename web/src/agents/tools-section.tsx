import { Plus, Wrench } from "lucide-react";
import { useRef, useState } from "react";
import { useServers } from "../chat/server-menu-state";
import { label } from "../lib/text";
import { Button } from "../ui/button";
import { Banner, Empty } from "../ui/feedback";
import { Panel } from "../ui/page";
import { toast } from "../ui/toast";
import type { Choice } from "./draft";
import { ToolsDialog } from "./tools-dialog";
import { ToolsEntry } from "./tools-entry";

/** ToolsSection is what an agent may use: one entry for each server. */
export function ToolsSection({ tools, onChange, noTools, readOnly }: { tools: Choice[]; onChange: (tools: Choice[]) => void; noTools: boolean; readOnly: boolean }) {
  const { servers, list } = useServers();
  const [adding, setAdding] = useState(false);
  const add = useRef<HTMLButtonElement>(null);
  const change = (next: Choice) => onChange(tools.map((c) => (c.serverName === next.serverName ? next : c)));
  const remove = (name: string) => {
    onChange(tools.filter((c) => c.serverName !== name));
    toast(`${label(servers.find((s) => s.name === name)?.title ?? name, 60)} removed`);
    add.current?.focus();
  };
  return (
    <Panel
      title="Tools"
      lead="One entry for each server; open it to choose single tools."
      actions={
        !readOnly && (
          <Button ref={add} icon={Plus} onClick={() => setAdding(true)}>
            Add Tools
          </Button>
        )
      }
    >
      {noTools && (
        <div className="mb-3">
          <Banner tone="warning">The models of this provider take no tools. Choose another model, or the tools are not offered.</Banner>
        </div>
      )}
      {tools.length === 0 ? (
        <Empty icon={Wrench} title="No tools">
          Without tools it answers from what the model knows.
        </Empty>
      ) : (
        <ul className="flex flex-col gap-3">
          {tools.map((c) => (
            <ToolsEntry
              key={c.serverName}
              choice={c}
              server={servers.find((s) => s.name === c.serverName)}
              known={list.isSuccess && !list.hasNextPage}
              readOnly={readOnly}
              onChange={change}
              onRemove={() => remove(c.serverName)}
            />
          ))}
        </ul>
      )}
      <ToolsDialog open={adding} taken={tools.map((c) => c.serverName)} onAdd={(c) => onChange([...tools, c])} onClose={() => setAdding(false)} />
    </Panel>
  );
}
