import { useMutation } from "@tanstack/react-query";
import { Stethoscope } from "lucide-react";
import { call } from "../api/client";
import type { ServerView } from "../api/schema";
import { Button } from "../ui/button";
import { Failed } from "../ui/feedback";
import { Steps, Verdict } from "./report";

/** Doctor looks at a server step by step, and says what it saw and what to do. */
export function Doctor({ server }: { server: ServerView }) {
  const look = useMutation({ mutationFn: () => call("diagnose", { path: { serverName: server.name } }) });
  const report = look.data;
  return (
    <div className="flex flex-col gap-4">
      <p className="text-sm text-muted">Tries each step of a connection and shows what it saw. It changes nothing.</p>
      <div>
        <Button look="primary" icon={Stethoscope} busy={look.isPending} onClick={() => look.mutate()}>
          {look.isPending ? "Checking…" : report ? "Check again" : "Check this server"}
        </Button>
      </div>
      {look.isError && <Failed error={look.error} what="The check" />}
      <div aria-live="polite">{report && !look.isPending && <Verdict report={report} />}</div>
      {report && <Steps report={report} />}
    </div>
  );
}
