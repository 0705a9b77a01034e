import { useEffect, useRef, useState } from "react";
import { messageOf } from "../../api/errors";
import { bytes } from "../../lib/format";
import { deleteAttachment, upload } from "../remote";

const largest = 20 << 20;
const most = 20;

/** Picked is a file on its way to a message. */
export interface Picked {
  key: number;
  name: string;
  size: number;
  type: string;
  /** preview is an address of the picture, where it is one. */
  preview: string;
  id: string; // once it is there
  problem: string;
}

let last = 0;

/** useFiles takes files for a message and brings them to patchbay at once. */
export function useFiles() {
  const [files, setFiles] = useState<Picked[]>([]);
  const [refused, setRefused] = useState("");
  const running = useRef(new Map<number, AbortController>());
  const previews = useRef(new Set<string>());
  useEffect(
    () => () => {
      for (const r of running.current.values()) r.abort();
      for (const p of previews.current) URL.revokeObjectURL(p);
    },
    [],
  );
  const change = (key: number, to: Partial<Picked>) => setFiles((all) => all.map((f) => (f.key === key ? { ...f, ...to } : f)));
  const bring = async (file: File, key: number) => {
    const abort = new AbortController();
    running.current.set(key, abort);
    try {
      const kept = await upload(file, abort.signal);
      change(key, { id: kept.id });
    } catch (error) {
      if (!abort.signal.aborted) change(key, { problem: messageOf(error) });
    }
    running.current.delete(key);
  };
  const add = (given: Iterable<File>) => {
    setRefused("");
    const room = most - files.length;
    const list = [...given];
    if (list.length > room) setRefused(`A message takes at most ${most} files.`);
    for (const file of list.slice(0, room)) {
      if (file.size > largest) {
        setRefused(`${file.name} has ${bytes(file.size)}; a file may have 20 MB.`);
        continue;
      }
      if (file.size === 0) {
        setRefused(`${file.name} is empty.`);
        continue;
      }
      const key = ++last;
      const preview = /^image\/(png|jpeg|gif|webp)$/.test(file.type) ? URL.createObjectURL(file) : "";
      if (preview) previews.current.add(preview);
      setFiles((all) => [...all, { key, name: file.name || "pasted image", size: file.size, type: file.type, preview, id: "", problem: "" }]);
      void bring(file, key);
    }
  };
  const remove = (key: number) => {
    running.current.get(key)?.abort();
    const gone = files.find((f) => f.key === key);
    // One that stays behind goes with the quota's next sweep.
    if (gone?.id) void deleteAttachment(gone.id).catch(() => undefined);
    setFiles((all) => all.filter((f) => f.key !== key));
  };
  return { files, refused, add, remove, clear: () => setFiles([]), say: setRefused };
}
