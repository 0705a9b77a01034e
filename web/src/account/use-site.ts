import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { call } from "../api/client";
import { keys } from "../api/keys";
import type { Site } from "../api/schema";

/**
 * useSite is what patchbay says of itself to everybody; null when it cannot be asked. The
 * pages before a login do without the hooks of the query cache, which would double them.
 */
export function useSite(): Site | null | undefined {
  const cache = useQueryClient();
  const [site, setSite] = useState<Site | null>();
  useEffect(() => {
    let there = true;
    cache.fetchQuery({ queryKey: keys.site, queryFn: () => call("getSite", {}), staleTime: Number.POSITIVE_INFINITY, retry: false }).then(
      (read) => there && setSite(read),
      () => there && setSite(null),
    );
    return () => {
      there = false;
    };
  }, [cache]);
  return site;
}
