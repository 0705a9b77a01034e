import { ClipboardPaste } from "lucide-react";
import { useState } from "react";
import { count } from "../../lib/format";
import { label } from "../../lib/text";
import { Button } from "../../ui/button";
import { Dialog } from "../../ui/dialog";
import { AreaField } from "../../ui/field-more";
import { toast } from "../../ui/toast";
import { blank, type Draft, same } from "./draft";
import { type Pasted, readPasted } from "./paste";

const example = `{
  "mcpServers": {
    "docs": { "url": "https://mcp.example.com/mcp" }
  }
}`;

/** PasteButton fills the form from a block that another program's settings have. */
export function PasteButton({ draft, onPaste }: { draft: Draft; onPaste: (draft: Draft) => void }) {
  const [open, setOpen] = useState(false);
  const [block, setBlock] = useState("");
  const [wrong, setWrong] = useState("");
  const [many, setMany] = useState<Pasted[]>([]);
  const take = (one: Pasted) => {
    onPaste(one.draft);
    setOpen(false);
    setBlock("");
    setMany([]);
    toast(`Filled in from ${label(one.name || "the block", 60)}: look it over`);
  };
  const read = () => {
    const found = readPasted(block);
    if (typeof found === "string") return setWrong(found);
    setWrong("");
    const [one] = found;
    if (one && found.length === 1) return take(one);
    setMany(found);
  };
  return (
    <>
      <Button icon={ClipboardPaste} onClick={() => setOpen(true)}>
        Paste JSON
      </Button>
      <Dialog
        open={open}
        onClose={() => setOpen(false)}
        title="Paste a block of servers"
        description="As Claude, Cursor or VS Code have it in their settings."
        footer={
          many.length === 0 && (
            <Button look="primary" onClick={read}>
              Fill in the form
            </Button>
          )
        }
      >
        {many.length > 0 ? (
          <div className="flex flex-col gap-3 text-sm">
            <p>{count(many.length, "server")} are in it. Which one?</p>
            <ul className="flex flex-col gap-2">
              {many.map((p) => (
                <li key={p.name}>
                  <Button onClick={() => take(p)} className="w-full">
                    {label(p.name, 80)}
                  </Button>
                </li>
              ))}
            </ul>
          </div>
        ) : (
          <AreaField
            label="JSON"
            name="block"
            mono
            autoFocus
            rows={10}
            spellCheck={false}
            placeholder={example}
            value={block}
            onChange={(e) => setBlock(e.target.value)}
            wrong={wrong}
            help={same(draft, blank) ? "It stays in this page until you add the server." : "What is in the form already is replaced."}
          />
        )}
      </Dialog>
    </>
  );
}
