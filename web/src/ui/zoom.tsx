import { useState } from "react";
import { Dialog } from "./dialog";

/** Zoom is an image that opens large when it is pressed. */
export function Zoom({ src, alt, onError, className = "max-h-[32rem] max-w-full" }: { src: string; alt: string; onError?: () => void; className?: string }) {
  const [open, setOpen] = useState(false);
  return (
    <>
      <button type="button" aria-label={`${alt}: show it large`} onClick={() => setOpen(true)} className="w-fit max-w-full cursor-zoom-in self-start rounded-lg">
        <img src={src} alt={alt} loading="lazy" decoding="async" onError={onError} className={`${className} rounded-lg border border-line bg-surface`} />
      </button>
      <Dialog wide open={open} onClose={() => setOpen(false)} title={alt}>
        <img src={src} alt={alt} className="mx-auto max-h-[75dvh] max-w-full object-contain" />
      </Dialog>
    </>
  );
}
