import { File as FileIcon, LoaderCircle, X } from "lucide-react";
import { bytes } from "../../lib/format";
import { label } from "../../lib/text";
import type { Picked } from "./use-files";

/** Files are those that go with the message. */
export function Files({ files, onRemove }: { files: Picked[]; onRemove: (key: number) => void }) {
  if (files.length === 0) return null;
  return (
    <ul aria-label="Attachments" className="flex flex-wrap gap-2 px-3 pt-3">
      {files.map((f) => (
        <li key={f.key} className={`flex max-w-full items-center gap-2 rounded-lg border py-1 pl-1 pr-0.5 text-sm ${f.problem ? "border-danger" : "border-line"}`}>
          {f.preview ? (
            <img src={f.preview} alt="" className="size-9 shrink-0 rounded object-cover" />
          ) : (
            <span className="flex size-9 shrink-0 items-center justify-center rounded bg-sunken">
              <FileIcon aria-hidden className="size-4 text-muted" />
            </span>
          )}
          <span className="min-w-0">
            <span className="foreign block max-w-48 truncate leading-4">{label(f.name, 80)}</span>
            <span className={`block max-w-64 text-xs ${f.problem ? "text-danger" : "text-muted"}`}>
              {f.problem || (f.id ? bytes(f.size) : "Uploading…")}
              {!f.id && !f.problem && <LoaderCircle aria-hidden className="ml-1 inline size-3 animate-spin" />}
            </span>
          </span>
          <button type="button" aria-label={`Remove ${label(f.name, 80)}`} onClick={() => onRemove(f.key)} className="flex size-9 shrink-0 items-center justify-center rounded-md text-muted hover:text-text md:size-7">
            <X aria-hidden className="size-4" />
          </button>
        </li>
      ))}
    </ul>
  );
}
