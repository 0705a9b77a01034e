import { Button } from "./button";
import { Dialog } from "./dialog";

interface Blocker {
  status: "blocked" | "idle";
  proceed?: () => void;
  reset?: () => void;
}

/** LeaveDialog holds who leaves with changes that are not saved. */
export function LeaveDialog({ blocker, what }: { blocker: Blocker; what: string }) {
  if (blocker.status !== "blocked") return null;
  return (
    <Dialog
      open
      onClose={() => blocker.reset?.()}
      title="Leave without saving?"
      footer={
        <>
          <Button onClick={() => blocker.reset?.()}>Stay</Button>
          <Button look="danger" onClick={() => blocker.proceed?.()}>
            Leave
          </Button>
        </>
      }
    >
      <p className="text-sm">{what} is not saved yet, and would be lost.</p>
    </Dialog>
  );
}
