import { useEffect } from "react";

/** useTitle names the page in the browser. */
export function useTitle(title: string): void {
  useEffect(() => {
    document.title = title === "patchbay" ? title : `${title} · patchbay`;
  }, [title]);
}
