import { lazy, Suspense } from "react";
import type { DialogProps } from "./dialog-window";

const Window = lazy(async () => ({ default: (await import("./dialog-window")).DialogWindow }));

/** Dialog is DialogWindow, which is loaded when the first one opens. */
export function Dialog(props: DialogProps) {
  if (!props.open) return null;
  return (
    <Suspense fallback={null}>
      <Window {...props} />
    </Suspense>
  );
}
