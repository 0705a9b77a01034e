// The event stream of this browser: one tab reads it, all of them hear it.
import { send, signedOut } from "../api/client";
import { APIError } from "../api/errors";
import { lead } from "./leader";
import { type Message, read } from "./sse";

/** Link says whether what the page shows is pushed: `down` shows a banner. */
export type Link = "connecting" | "open" | "down";

type Note =
  | { type: "message"; message: Message }
  | { type: "link"; link: Link; lastID: string }
  | { type: "hello" }
  | { type: "account"; user: string };

const firstWait = 500;
const longestWait = 15_000;
const silence = 40_000; // two heartbeats and some: the connection is dead though nobody said so

export class EventStream {
  link: Link = "connecting";
  private lastID = "";
  private leading = false;
  private readonly channel = new BroadcastChannel("patchbay-events");
  private readonly stopped = new AbortController();
  private readonly watchers = new Set<() => void>();
  private readonly onMessage: (m: Message) => void;
  private wake: (() => void) | null = null;

  constructor(user: string, onMessage: (m: Message) => void) {
    this.onMessage = onMessage;
    this.channel.addEventListener("message", (e: MessageEvent<Note>) => this.hear(e.data, user));
    this.tell({ type: "account", user });
    this.tell({ type: "hello" });
    window.addEventListener("online", this.retry);
    document.addEventListener("visibilitychange", this.retry);
    lead((signal) => this.run(signal), this.stopped.signal);
  }

  stop(): void {
    window.removeEventListener("online", this.retry);
    document.removeEventListener("visibilitychange", this.retry);
    this.stopped.abort();
    this.wake?.();
    this.channel.close();
  }

  /** watch tells of changes of link; with useSyncExternalStore. */
  watch = (watcher: () => void): (() => void) => {
    this.watchers.add(watcher);
    return () => this.watchers.delete(watcher);
  };

  current = (): Link => this.link;

  /** retry tries now instead of at the end of the wait. */
  retry = (): void => this.wake?.();

  private hear(note: Note, user: string): void {
    switch (note.type) {
      case "message":
        this.take(note.message);
        break;
      case "link":
        this.lastID = note.lastID || this.lastID;
        this.setLink(note.link);
        break;
      case "hello":
        if (this.leading) this.tell({ type: "link", link: this.link, lastID: this.lastID });
        break;
      case "account":
        // Somebody else signed in beside us: what this tab shows is not theirs.
        if (note.user !== user) location.reload();
    }
  }

  private tell(note: Note): void {
    if (!this.stopped.signal.aborted) this.channel.postMessage(note);
  }

  private take(message: Message): void {
    if (message.id) this.lastID = message.id;
    this.onMessage(message);
  }

  private setLink(link: Link): void {
    if (this.link === link) return;
    this.link = link;
    for (const watcher of this.watchers) watcher();
  }

  private announce(link: Link): void {
    this.setLink(link);
    this.tell({ type: "link", link, lastID: this.lastID });
  }

  private async run(signal: AbortSignal): Promise<void> {
    this.leading = true;
    let wait = firstWait;
    while (!signal.aborted) {
      const opened = await this.once(signal);
      if (signal.aborted) break;
      if (opened) wait = firstWait;
      this.announce("down");
      await this.pause(wait * (0.75 + Math.random() / 2));
      wait = Math.min(wait * 2, longestWait);
    }
    this.leading = false;
  }

  // once reads one connection to its end and reports whether it was ever open.
  private async once(signal: AbortSignal): Promise<boolean> {
    const attempt = new AbortController();
    const end = () => attempt.abort();
    signal.addEventListener("abort", end, { once: true });
    let watchdog = setTimeout(end, silence);
    const beat = () => {
      clearTimeout(watchdog);
      watchdog = setTimeout(end, silence);
    };
    try {
      const headers: Record<string, string> = this.lastID ? { "Last-Event-ID": this.lastID } : {};
      const response = await send("events", {}, undefined, "text/event-stream", attempt.signal, headers);
      this.announce("open");
      await read(
        response,
        (message) => {
          this.take(message);
          this.tell({ type: "message", message });
        },
        beat,
      );
      return true;
    } catch (error) {
      if (error instanceof APIError && error.status === 401) signedOut();
      return this.link === "open";
    } finally {
      clearTimeout(watchdog);
      signal.removeEventListener("abort", end);
    }
  }

  private pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
