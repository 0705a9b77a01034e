import { Bot, ChevronDown, Cpu } from "lucide-react";
import { lazy, Suspense, useState } from "react";
import { label } from "../../lib/text";
import type { AgentRef, ProviderView, SpecView } from "../remote";
import type { ChatSettings } from "../types";

export interface PickerProps {
  settings: ChatSettings;
  name: string;
  providers: ProviderView[];
  specs: SpecView[];
  enforce: boolean;
  agents: AgentRef[];
  onChange: (s: ChatSettings) => void;
}

export const pickerButton = "flex min-h-11 min-w-0 max-w-56 items-center gap-1.5 rounded-lg px-2 text-sm hover:bg-sunken md:min-h-8";

export function PickerName({ settings, name }: Pick<PickerProps, "settings" | "name">) {
  const Icon = settings.agentId ? Bot : Cpu;
  return (
    <>
      <Icon aria-hidden className="size-4 shrink-0 text-muted" />
      <span className="sr-only">Answered by </span>
      <span className="foreign truncate [overflow-wrap:normal]">{label(name, 60)}</span>
      <ChevronDown aria-hidden className="size-3.5 shrink-0 text-muted" />
    </>
  );
}

const load = () => import("./model-picker-open");
const Open = lazy(async () => ({ default: (await load()).ModelPickerOpen }));

/** ModelPicker is a button until it is pressed for the first time. */
export function ModelPicker(props: PickerProps) {
  const [wanted, setWanted] = useState(false);
  const button = (
    <button type="button" aria-haspopup="dialog" onPointerEnter={() => void load()} onFocus={() => void load()} onClick={() => setWanted(true)} className={pickerButton}>
      <PickerName {...props} />
    </button>
  );
  if (!wanted) return button;
  return (
    <Suspense fallback={button}>
      <Open {...props} />
    </Suspense>
  );
}
