import { ImageDown } from "lucide-react";
import { label, webURL } from "../../lib/text";

/**
 * RemoteImage stands where a model wants a picture from elsewhere. To fetch it would tell
 * that place who reads, and may carry a part of the conversation: it is a link, no image.
 */
export function RemoteImage({ src, alt }: { src: string; alt: string }) {
  const url = webURL(src);
  const text = label(alt, 120) || "Image";
  if (!url) return <span className="text-muted">[{text}]</span>;
  return (
    <a href={url} target="_blank" rel="noopener noreferrer nofollow" className="inline-flex max-w-full items-center gap-2 rounded-lg border border-line bg-sunken px-3 py-1.5 text-sm">
      <ImageDown aria-hidden className="size-4 shrink-0" />
      <span className="foreign min-w-0">
        {text} – open from {new URL(url).host}
      </span>
      <span className="sr-only"> (opens a new tab)</span>
    </a>
  );
}
