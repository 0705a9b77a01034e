import { queryOptions } from "@tanstack/react-query";
import { call } from "./client";
import { keys } from "./keys";

/** me is who is signed in; the one query that the first page needs. */
export const me = queryOptions({
  queryKey: keys.me,
  queryFn: ({ signal }) => call("getUser", {}, signal),
  staleTime: Number.POSITIVE_INFINITY,
});
