import { messageOf } from "../../api/errors";
import { Questions, type Reply } from "../../questions/questions";
import { Banner } from "../../ui/feedback";
import { forget, recall, remember } from "../composer/drafts";
import { answerQuestion } from "../remote";
import type { WaitView } from "../types";
import { span, useLeft } from "../use-elapsed";
import { useAnswer } from "./use-answer";

/** QuestionForm is what a server asks in the middle of a call. What is typed stays over a reload. */
export function QuestionForm({ wait, server }: { wait: WaitView; server: string }) {
  const key = `question-${wait.id}`;
  const answer = useAnswer(async ({ action, contents }: { action: Reply; contents: string }) => {
    const ended = await answerQuestion(wait.id, action, contents);
    forget(key);
    return ended;
  });
  const left = useLeft(wait.expiresAt);
  return (
    <>
      {answer.isError && (
        <Banner tone="error" alert>
          {messageOf(answer.error)}
        </Banner>
      )}
      <Questions
        requests={wait.questions}
        server={server || "The server"}
        busy={answer.isPending ? answer.variables.action : ""}
        onAnswer={(action, contents) => !answer.isPending && answer.mutate({ action, contents })}
        draft={{ read: () => recall(key), write: (json) => remember(key, json) }}
      >
        {left !== null && left < 7200 && <span className="text-sm text-muted">Waits for another {span(left)}.</span>}
      </Questions>
    </>
  );
}
