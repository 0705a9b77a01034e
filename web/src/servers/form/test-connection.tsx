import { useMutation } from "@tanstack/react-query";
import { PlugZap } from "lucide-react";
import { useEffect, useRef } from "react";
import { call } from "../../api/client";
import type { Report } from "../../api/schema";
import { Button } from "../../ui/button";
import { Steps, Verdict } from "../report";
import { Banner } from "../../ui/feedback";
import { bodyOf, hasKept } from "./draft";
import type { ServerDraft } from "./use-server-draft";

/** signsIn reports whether a test found that each person signs in. */
export const signsIn = (report: Report): boolean => report.action === "authenticate" || report.reason === "signin_required" || (report.steps ?? []).some((s) => s.name === "token");

/** TestConnection tries what is in the form, over a connection of its own; nothing is kept. */
export function TestConnection({ state }: { state: ServerDraft }) {
  const { draft } = state;
  const result = useRef<HTMLDivElement>(null);
  const test = useMutation({
    mutationFn: () => {
      const { iconPath: _, ...body } = bodyOf(draft);
      return call("testServer", { body: { ...body, name: body.name || "trial" } });
    },
    onSuccess: (report) => {
      if (signsIn(report) && draft.auth === "none") state.put({ auth: "oauth" });
    },
    onError: state.refused,
  });
  const report = test.data;
  useEffect(() => {
    if (report) result.current?.focus({ preventScroll: true });
  }, [report]);
  const waits = report && !report.ok && signsIn(report) && report.action === "authenticate";
  return (
    <div className="flex flex-col gap-4 border-t border-line pt-4">
      <div className="flex flex-wrap items-center gap-3">
        <Button icon={PlugZap} busy={test.isPending} onClick={() => test.mutate()}>
          {test.isPending ? "Testing…" : "Test connection"}
        </Button>
        <p className="min-w-0 flex-1 basis-48 text-sm text-muted">{hasKept(draft) ? "Secrets that are set are not known here: type them again to test with them." : "Tries what is written here. Nothing is kept."}</p>
      </div>
      {report && !test.isPending && (
        <div ref={result} tabIndex={-1} role="group" aria-label="Result of the test" className="flex flex-col gap-4 outline-none">
          {waits ? (
            <Banner>
              <p className="font-medium">The server is there, and wants each person to sign in.</p>
              <p>OAuth is chosen below. Add the server, then sign in to it.</p>
            </Banner>
          ) : (
            <Verdict report={report} />
          )}
          <Steps report={report} />
        </div>
      )}
    </div>
  );
}
