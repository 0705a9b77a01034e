import { type RefObject, useCallback, useEffect, useLayoutEffect, useRef, useState } from "react";

const near = 64; // px from the end that count as the end

/** useStick keeps the end in view while it grows, unless one has scrolled away from it. */
export function useStick(scroller: RefObject<HTMLElement | null>, content: RefObject<HTMLElement | null>, key: string) {
  const stuck = useRef(true);
  const [away, setAway] = useState(false);
  const toEnd = useCallback(() => {
    const s = scroller.current;
    stuck.current = true;
    setAway(false);
    if (s) s.scrollTop = s.scrollHeight;
  }, [scroller]);
  useLayoutEffect(() => toEnd(), [toEnd, key]);
  useEffect(() => {
    const s = scroller.current;
    const c = content.current;
    if (!s || !c) return;
    let top = s.scrollTop;
    const scrolled = () => {
      const left = s.scrollHeight - s.scrollTop - s.clientHeight;
      // Growing moves the end away; only going up is a person's wish.
      if (left <= near) stuck.current = true;
      else if (s.scrollTop < top) stuck.current = false;
      top = s.scrollTop;
      setAway(!stuck.current);
    };
    const grown = new ResizeObserver(() => {
      if (!stuck.current) return;
      s.scrollTop = s.scrollHeight;
      top = s.scrollTop;
    });
    s.addEventListener("scroll", scrolled, { passive: true });
    grown.observe(c);
    grown.observe(s);
    return () => {
      s.removeEventListener("scroll", scrolled);
      grown.disconnect();
    };
  }, [scroller, content, key]);
  return { away, toEnd };
}
