// The runs on screen: facts and fragments go in, what to paint comes out once a frame.
import { Builder } from "./partial";
import { active, type CallView, type ModelMessage, type Progress, type RunNote, type RunView, type WaitView } from "./types";

/** Live is a run as far as it is known here. */
export interface Live {
  run: RunView;
  /** writing is the message that the model is in the middle of. */
  writing: ModelMessage | null;
  progress: Readonly<Record<string, Progress>>;
}

interface Held extends Live {
  live: Live;
  builder: Builder | null;
  heard: number; // seq of the newest fragment
  fetching: boolean;
  missed: number; // refetches without a success in between
  backlog: RunNote[];
  watchers: Set<() => void>;
}

interface Options {
  /** fetch reads a run anew, when something of it was not heard. */
  fetch: (id: string) => Promise<RunView>;
  /** frame calls back at the next paint. */
  frame?: (flush: () => void) => void;
  /** later calls back after some time. */
  later?: (again: () => void, ms: number) => void;
}

const mostMissed = 3;
const mostPassed = 100; // runs
const longest = 500; // notes that wait for a refetch; beyond, another one follows

export class Runs {
  private readonly held = new Map<string, Held>();
  private readonly dirty = new Set<Held>();
  private readonly options: Required<Options>;
  // Of runs that are not known yet, the newest fact that went by: a run may be at its end
  // before the answer to the request that began it is here.
  private readonly passed = new Map<string, number>();

  constructor(options: Options) {
    this.options = { frame: (flush) => requestAnimationFrame(flush), later: (again, ms) => setTimeout(again, ms), ...options };
  }

  current(id: string): Live | undefined {
    return this.held.get(id)?.live;
  }

  watch(id: string, watcher: () => void): () => void {
    const held = this.held.get(id);
    if (!held) return () => undefined;
    held.watchers.add(watcher);
    return () => held.watchers.delete(watcher);
  }

  /** seed takes in a run as it was read. What was heard since stays. */
  seed(run: RunView): void {
    const old = this.held.get(run.id);
    if (!old) {
      const builder = run.partial ? new Builder(run.partial.step, run.partial) : null;
      const live: Live = { run, writing: builder?.message() ?? null, progress: {} };
      this.held.set(run.id, { ...live, live, builder, heard: run.seq, fetching: false, missed: 0, backlog: [], watchers: new Set() });
      if ((this.passed.get(run.id) ?? 0) > run.seq) this.refresh(run.id);
      this.passed.delete(run.id);
      return;
    }
    if (run.seq < old.run.seq) return;
    if (run.seq === old.run.seq && sameCount(run, old.run) && !run.partial) {
      old.run = run;
    } else {
      old.run = run;
      const kept = old.builder && old.heard >= run.seq && (!run.partial || (old.builder.step === run.partial.step && old.builder.offset >= run.partial.offset));
      if (!kept) old.builder = run.partial ? new Builder(run.partial.step, run.partial) : null;
    }
    if (!active(run.status)) old.builder = null;
    this.change(old);
  }

  /** hear takes in an event, and reports false when it knows nothing of its run. */
  hear(note: RunNote): boolean {
    const held = this.held.get(note.runId);
    if (!held) {
      this.passed.set(note.runId, Math.max(note.seq, this.passed.get(note.runId) ?? 0));
      if (this.passed.size > mostPassed) this.passed.delete(this.passed.keys().next().value ?? "");
      return false;
    }
    if (held.fetching) {
      if (held.backlog.length < longest) held.backlog.push(note);
      return true;
    }
    if (!this.take(held, note)) this.refetch(held, note);
    return true;
  }

  /** again reads every run that has not ended: something may have been missed. */
  again(): void {
    for (const held of this.held.values()) if (active(held.run.status)) this.refetch(held);
  }

  /** answered takes in a wait that this tab has ended, before the stream says so. */
  answered(wait: WaitView): void {
    const held = this.held.get(wait.runId);
    if (!held) return;
    held.run = { ...held.run, waits: put(held.run.waits, wait) };
    this.change(held);
  }

  /** refresh reads one run anew. */
  refresh(id: string): void {
    const held = this.held.get(id);
    if (held) this.refetch(held);
  }

  private take(held: Held, note: RunNote): boolean {
    if (note.kind === "progress") {
      const p = note.data;
      held.progress = { ...held.progress, [p.callId]: p };
      this.change(held);
      return true;
    }
    if (note.kind === "delta") return this.fragment(held, note);
    if (note.seq <= held.run.seq) return true; // heard already
    if (note.seq !== held.run.seq + 1) return false;
    held.run = { ...applyFact(held.run, note), seq: note.seq };
    if (note.kind === "message") held.builder = null;
    if (!active(held.run.status)) {
      held.builder = null;
      if (note.kind === "status") this.refetch(held); // for what it cost
    }
    this.change(held);
    return true;
  }

  private fragment(held: Held, note: Extract<RunNote, { kind: "delta" }>): boolean {
    const d = note.data;
    if (note.seq < held.run.seq) return true; // its message is here already
    if (note.seq > held.run.seq) return false;
    if (!held.builder || d.step > held.builder.step) {
      if (d.offset !== 0) return false;
      held.builder = new Builder(d.step);
    }
    if (d.step < held.builder.step) return true;
    held.heard = note.seq;
    if (!held.builder.take(d.offset, d.deltas ?? [])) return false;
    held.missed = 0;
    this.change(held);
    return true;
  }

  private refetch(held: Held, note?: RunNote): void {
    if (held.fetching) return;
    held.fetching = true;
    held.backlog = note ? [note] : [];
    const read = async () => {
      let fresh: RunView | null = null;
      try {
        fresh = await this.options.fetch(held.run.id);
      } catch {
        // the stream says when there is somebody to ask again
      }
      held.fetching = false;
      const backlog = held.backlog;
      held.backlog = [];
      if (!fresh) return;
      held.run = fresh.seq >= held.run.seq ? fresh : held.run;
      held.builder = fresh.partial && active(fresh.status) ? new Builder(fresh.partial.step, fresh.partial) : null;
      held.heard = fresh.seq;
      this.change(held);
      const bad = backlog.find((n) => !this.take(held, n));
      if (bad && !held.fetching) this.refetch(held);
    };
    held.missed++;
    if (held.missed > mostMissed) this.options.later(() => void read(), 1000);
    else void read();
  }

  private change(held: Held): void {
    if (this.dirty.size === 0) this.options.frame(() => this.flush());
    this.dirty.add(held);
  }

  private flush(): void {
    const all = [...this.dirty];
    this.dirty.clear();
    for (const held of all) {
      held.live = { run: held.run, writing: held.builder?.message() ?? null, progress: held.progress };
      for (const watcher of held.watchers) watcher();
    }
  }
}

// What a fact leaves out because it is empty.
const emptyCall: Partial<CallView> = { serverName: "", tool: "", startedAt: null, endedAt: null };
const emptyWait: Partial<WaitView> = { serverName: "", tool: "", callId: null };

const sameCount = (a: RunView, b: RunView) => a.steps?.length === b.steps?.length;

function applyFact(run: RunView, note: RunNote): RunView {
  switch (note.kind) {
    case "status": {
      const d = note.data;
      return { ...run, status: d.status, end: d.end ?? null, endedAt: active(d.status) ? null : (note.at ?? run.endedAt) };
    }
    case "message": {
      const d = note.data;
      if (d.message.role !== "model") return run;
      return { ...run, steps: [...(run.steps ?? []), { index: d.index, message: d.message }] };
    }
    case "call":
      return { ...run, calls: put(run.calls, { ...emptyCall, ...note.data }) };
    case "wait":
      return { ...run, waits: put(run.waits, { ...emptyWait, ...note.data }) };
  }
  return run;
}

function put<T extends { id: string }>(list: T[] | null, one: T): T[] {
  const old = list ?? [];
  const at = old.findIndex((o) => o.id === one.id);
  return at < 0 ? [...old, one] : old.with(at, { ...old[at], ...one });
}
