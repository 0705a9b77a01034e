// What is typed and not sent, kept in this browser for whoever is signed in.
const prefix = "patchbay-draft";
const most = 40;

let owner = "";

/** draftsOf says whose drafts these are; those of somebody else are not shown. */
export function draftsOf(user: string): void {
  owner = user;
}

const full = (key: string) => `${prefix}-${owner}-${key}`;

export function recall(key: string): string | null {
  try {
    return localStorage.getItem(full(key));
  } catch {
    return null;
  }
}

export function remember(key: string, text: string): void {
  try {
    if (text === "") return localStorage.removeItem(full(key));
    localStorage.setItem(full(key), text);
    const all = Object.keys(localStorage).filter((k) => k.startsWith(`${prefix}-${owner}-`));
    for (const old of all.slice(0, Math.max(0, all.length - most))) if (old !== full(key)) localStorage.removeItem(old);
  } catch {
    // storage is full or off: the draft lives until the page is left
  }
}

export function forget(key: string): void {
  remember(key, "");
}
