// One tab of a browser keeps the event stream: browsers allow six connections to an origin.
const lockName = "patchbay-events";
const leaseName = "patchbay-events-lease";
const leaseEvery = 2000;
const leaseFor = 5000;

/** lead runs task once this tab is the one, and again whenever it becomes it anew. */
export function lead(task: (signal: AbortSignal) => Promise<void>, signal: AbortSignal): void {
  if (navigator.locks) {
    navigator.locks.request(lockName, { signal }, () => task(signal)).catch(() => {
      // aborted while waiting: this tab is not needed any more
    });
    return;
  }
  lease(task, signal);
}

// On plain http to another machine browsers have no locks: a note in the storage that is
// written anew every two seconds takes their place.
function lease(task: (signal: AbortSignal) => Promise<void>, signal: AbortSignal): void {
  const me = Math.random().toString(36).slice(2);
  let mine: AbortController | null = null;
  const tick = () => {
    const held = readLease();
    if (held && held.id !== me && held.until > Date.now()) {
      mine?.abort();
      mine = null;
      return;
    }
    const wasMine = held?.id === me;
    localStorage.setItem(leaseName, JSON.stringify({ id: me, until: Date.now() + leaseFor }));
    if (wasMine && !mine) {
      mine = new AbortController();
      void task(mine.signal);
    }
  };
  const timer = setInterval(tick, leaseEvery);
  tick();
  setTimeout(tick, 100 + Math.random() * 100);
  signal.addEventListener("abort", () => {
    clearInterval(timer);
    mine?.abort();
    if (readLease()?.id === me) localStorage.removeItem(leaseName);
  });
}

function readLease(): { id: string; until: number } | null {
  try {
    return JSON.parse(localStorage.getItem(leaseName) ?? "null") as { id: string; until: number } | null;
  } catch {
    return null;
  }
}
