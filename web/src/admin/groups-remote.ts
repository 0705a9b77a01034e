import { infiniteQueryOptions } from "@tanstack/react-query";
import { call } from "../api/client";

export const groupsKey = ["groups"];

export const groups = (search: string) =>
  infiniteQueryOptions({
    queryKey: [...groupsKey, "list", search],
    queryFn: ({ pageParam, signal }) => call("listGroups", { query: { limit: 100, after: pageParam, search } }, signal),
    initialPageParam: "",
    getNextPageParam: (page) => page.after ?? undefined,
  });

export const members = (id: string) =>
  infiniteQueryOptions({
    queryKey: [...groupsKey, "members", id],
    queryFn: ({ pageParam, signal }) => call("listMembers", { path: { id }, query: { limit: 100, after: pageParam } }, signal),
    initialPageParam: "",
    getNextPageParam: (page) => page.after ?? undefined,
  });
