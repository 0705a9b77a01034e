// What the pages of an account read, beside what every page reads.
import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { call } from "../api/client";
import { keys } from "../api/keys";
import type { KeyView, Provider } from "../api/schema";

const pageSize = 100;

/** providers are all model providers, ready or not. */
export const providers = queryOptions({
  queryKey: keys.providers,
  queryFn: async ({ signal }) => {
    const all: Provider[] = [];
    for (let after: string | undefined; ; ) {
      const page = await call("listProviders", { query: { limit: pageSize, after } }, signal);
      all.push(...(page.data ?? []));
      if (!page.after) return all;
      after = page.after;
    }
  },
});

/** modelKeys say which keys the person has given; never what they are. */
export const modelKeys = queryOptions({
  queryKey: keys.modelKeys,
  queryFn: async ({ signal }) => {
    const all: KeyView[] = [];
    for (let after: string | undefined; ; ) {
      const page = await call("listKeys", { query: { limit: pageSize, after } }, signal);
      all.push(...(page.data ?? []));
      if (!page.after) return all;
      after = page.after;
    }
  },
});

export const approvals = infiniteQueryOptions({
  queryKey: keys.approvals,
  queryFn: ({ pageParam, signal }) => call("listApprovals", { query: { limit: pageSize, after: pageParam } }, signal),
  initialPageParam: "",
  getNextPageParam: (page) => page.after ?? undefined,
});
