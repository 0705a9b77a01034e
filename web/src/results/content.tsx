import { useEffect, useMemo, useState } from "react";
import { bytes } from "../lib/format";
import { isRecord, type Value } from "../lib/json";
import { label, visible, webURL } from "../lib/text";
import { buttonClass } from "../ui/button";
import { Badge } from "../ui/feedback";
import { LongText } from "../ui/long-text";
import { Zoom } from "../ui/zoom";

const images = new Set(["image/png", "image/jpeg", "image/gif", "image/webp", "image/avif", "image/bmp", "image/svg+xml"]);
const sounds = new Set(["audio/mpeg", "audio/mp3", "audio/wav", "audio/x-wav", "audio/wave", "audio/ogg", "audio/webm", "audio/mp4", "audio/aac", "audio/flac"]);
const largest = 40 << 20; // bytes of an image or sound that are handed to the browser

const text = (v: Value | undefined): string => (typeof v === "string" ? v : "");

/** useBlob returns an address of the bytes in a base64 text, null when it is none. */
function useBlob(base64: string, type: string): { url: string; size: number } | null {
  const [made, setMade] = useState<{ url: string; size: number } | null>(null);
  useEffect(() => {
    let url = "";
    try {
      if (base64.length > (largest / 3) * 4) return;
      const bytes = Uint8Array.from(atob(base64), (c) => c.codePointAt(0) ?? 0);
      url = URL.createObjectURL(new Blob([bytes], { type }));
      setMade({ url, size: bytes.length });
    } catch {
      setMade(null);
    }
    return () => URL.revokeObjectURL(url);
  }, [base64, type]);
  return made;
}

// Download gives bytes that are not shown: as a file, so that the browser does not run them.
function Download({ base64, name }: { base64: string; name: string }) {
  const blob = useBlob(base64, "application/octet-stream");
  if (!blob) return <p className="text-sm text-muted">The data cannot be read.</p>;
  return (
    <a href={blob.url} download={label(name, 80).replaceAll(/[^\w.-]+/g, "_") || "result"} className={buttonClass()}>
      Download ({bytes(blob.size)})
    </a>
  );
}

function Picture({ base64, mime, tool }: { base64: string; mime: string; tool: string }) {
  const [broken, setBroken] = useState(false);
  const blob = useBlob(base64, mime);
  if (broken || !images.has(mime)) return <Unshown what={broken ? `What was sent as ${label(mime, 60)} is no image.` : `An image of the type ${label(mime, 60)} is not shown.`} base64={base64} name={tool} />;
  if (!blob) return <p className="text-sm text-muted">The image cannot be read.</p>;
  return <Zoom src={blob.url} alt={`From ${tool}`} onError={() => setBroken(true)} />;
}

function Sound({ base64, mime, tool }: { base64: string; mime: string; tool: string }) {
  const [broken, setBroken] = useState(false);
  const blob = useBlob(base64, mime);
  if (broken || !sounds.has(mime)) return <Unshown what={`Sound of the type ${label(mime, 60)} cannot be played.`} base64={base64} name={tool} />;
  if (!blob) return <p className="text-sm text-muted">The sound cannot be read.</p>;
  // oxlint-disable-next-line jsx-a11y/media-has-caption -- tools send none
  return <audio controls src={blob.url} aria-label={`Sound from ${tool}`} onError={() => setBroken(true)} className="w-full max-w-md" />;
}

function Unshown({ what, base64, name }: { what: string; base64: string; name: string }) {
  return (
    <div className="flex flex-wrap items-center gap-3 text-sm">
      <p>{what}</p>
      <Download base64={base64} name={name} />
    </div>
  );
}

// Address is a link when it leads to the web, else text. The whole of it is shown.
function Address({ uri }: { uri: string }) {
  const url = webURL(uri);
  if (!url) return <code className="foreign">{visible(uri.slice(0, 2000))}</code>;
  return (
    <a href={url} target="_blank" rel="noopener noreferrer nofollow" className="foreign">
      {url}
      <span className="sr-only"> (opens a new tab)</span>
    </a>
  );
}

function Resource({ resource, tool }: { resource: Record<string, Value | undefined>; tool: string }) {
  const mime = text(resource.mimeType);
  const blob = text(resource.blob);
  return (
    <div className="flex flex-col gap-2">
      <p className="text-sm text-muted">
        <Address uri={text(resource.uri)} />
        {mime && ` · ${label(mime, 80)}`}
      </p>
      {typeof resource.text === "string" && <LongText text={resource.text} name={`Resource from ${tool}`} />}
      {blob !== "" && (images.has(mime) ? <Picture base64={blob} mime={mime} tool={tool} /> : <Download base64={blob} name={text(resource.uri).split("/").at(-1) ?? tool} />)}
    </div>
  );
}

/** Content is one part of a tool's result. What has no form of its own is shown as text. */
export function Content({ block, tool, failed }: { block: Value; tool: string; failed: boolean }) {
  const b = useMemo(() => (isRecord(block) ? block : {}), [block]);
  switch (b.type) {
    case "text":
      return <LongText text={text(b.text)} name={failed ? `Error of ${tool}` : `Text from ${tool}`} />;
    case "image":
      return <Picture base64={text(b.data)} mime={text(b.mimeType)} tool={tool} />;
    case "audio":
      return <Sound base64={text(b.data)} mime={text(b.mimeType)} tool={tool} />;
    case "resource":
      return <Resource resource={isRecord(b.resource) ? b.resource : {}} tool={tool} />;
    case "resource_link":
      return (
        <div className="text-sm">
          <p className="foreign font-medium">{label(text(b.title) || text(b.name) || "A resource")}</p>
          {text(b.description) && <p className="foreign text-muted">{visible(text(b.description).slice(0, 1000))}</p>}
          <Address uri={text(b.uri)} />
          {text(b.mimeType) && <Badge className="ml-2">{label(text(b.mimeType), 60)}</Badge>}
        </div>
      );
  }
  return <p className="text-sm text-muted">A part of the type “{label(text(b.type) || "unknown", 60)}” is not shown here; it is in Raw.</p>;
}
