import { useCallback, useSyncExternalStore } from "react";

/** useMedia says whether a media query holds, as long as it is asked. */
export function useMedia(query: string): boolean {
  const watch = useCallback(
    (changed: () => void) => {
      const list = matchMedia(query);
      list.addEventListener("change", changed);
      return () => list.removeEventListener("change", changed);
    },
    [query],
  );
  return useSyncExternalStore(watch, () => matchMedia(query).matches);
}

/** phone is where a popover is a sheet at the bottom. */
export const phone = "(max-width: 767px)";
