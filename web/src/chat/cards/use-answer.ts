import { useMutation } from "@tanstack/react-query";
import { isCode } from "../../api/errors";
import { useRuns } from "../runs-context";
import type { WaitView } from "../types";

/** useAnswer sends an answer to a wait. That somebody else was first is no error: the run says so. */
export function useAnswer<T>(send: (answer: T) => Promise<WaitView>) {
  const runs = useRuns();
  return useMutation({
    mutationFn: async (answer: T) => {
      try {
        return await send(answer);
      } catch (error) {
        if (!isCode(error, "conflict") && !isCode(error, "not_found")) throw error;
        runs.again();
        return null;
      }
    },
    onSuccess: (wait) => {
      if (wait) runs.answered(wait);
    },
  });
}
