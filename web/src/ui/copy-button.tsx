import { Check, Copy } from "lucide-react";
import { useEffect, useState } from "react";
import { copyText } from "../lib/clipboard";
import { Button, IconButton } from "./button";
import { toast } from "./toast";

/** CopyButton puts text on the clipboard and says so. */
export function CopyButton({ text, label, bare, small }: { text: string | (() => string); label: string; bare?: boolean; small?: boolean }) {
  const [done, setDone] = useState(false);
  useEffect(() => {
    if (!done) return;
    const timer = setTimeout(() => setDone(false), 2000);
    return () => clearTimeout(timer);
  }, [done]);
  const copy = async () => {
    const ok = await copyText(typeof text === "string" ? text : text());
    setDone(ok);
    toast(ok ? "Copied" : "The browser does not let this page copy: select the text instead");
  };
  if (bare) return <IconButton label={label} icon={done ? Check : Copy} onClick={copy} className={small ? "text-muted! md:size-7! [&_svg]:size-4" : undefined} />;
  return (
    <Button icon={done ? Check : Copy} onClick={copy}>
      {label}
    </Button>
  );
}
