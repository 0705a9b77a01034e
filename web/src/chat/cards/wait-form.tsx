import type { WaitView } from "../types";
import { ApprovalForm } from "./approval-form";
import { QuestionForm } from "./question-form";
import { SignInForm } from "./sign-in-form";

/** WaitForm is what a person is asked before a call goes on. */
export function WaitForm({ wait, tool, server }: { wait: WaitView; tool: string; server: string }) {
  switch (wait.kind) {
    case "approval":
      return <ApprovalForm key={wait.id} wait={wait} tool={tool} server={server} />;
    case "question":
      return <QuestionForm key={wait.id} wait={wait} server={server} />;
    case "signin":
      return <SignInForm key={wait.id} wait={wait} tool={tool} server={server} />;
  }
}
