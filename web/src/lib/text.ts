// Text of servers and models may try to look like something else. Characters that turn
// or hide what surrounds them are shown by their number.
const tricks = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\u{e0000}-\u{e007f}]/gu; // eslint-disable-line no-control-regex -- they are what it finds

/** visible shows what a text would hide. Zero-width joiners inside emoji are left alone. */
export function visible(text: string): string {
  return text.replaceAll(tricks, (c, at: number) => {
    if (c === "\u200d" && /\p{Extended_Pictographic}\ufe0f?$/u.test(text.slice(Math.max(0, at - 4), at))) return c;
    const code = c.codePointAt(0) ?? 0;
    return `‹U+${code.toString(16).toUpperCase().padStart(4, "0")}›`;
  });
}

/** label is visible on one line, and not endless. */
export function label(text: string, max = 200): string {
  const line = visible(text.slice(0, max + 1).replaceAll(/\s+/g, " ").trim());
  return text.length > max ? `${line.slice(0, max)}…` : line;
}

/** Part is text, or a link that was checked. */
export interface Part {
  text: string;
  href?: string;
}

const anchor = /<a\s+[^>]*?href\s*=\s*(?:"([^"]*)"|'([^']*)')[^>]*>([^<]*)<\/a\s*>/gi;
const entities: Record<string, string> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'", "#39": "'", "#34": '"' };

function decode(text: string): string {
  return text.replaceAll(/&(amp|lt|gt|quot|apos|#39|#34);/g, (_, name: string) => entities[name] ?? "");
}

/** linked takes a description apart: links to http(s) become links, all else is text. */
export function linked(description: string): Part[] {
  const parts: Part[] = [];
  let from = 0;
  for (const m of description.matchAll(anchor)) {
    if (m.index > from) parts.push({ text: visible(decode(description.slice(from, m.index))) });
    const text = visible(decode(m[3] ?? ""));
    const href = webURL(decode(m[1] ?? m[2] ?? ""));
    parts.push(href ? { text: text || href, href } : { text });
    from = m.index + m[0].length;
  }
  if (from < description.length) parts.push({ text: visible(decode(description.slice(from))) });
  return parts;
}

/** webURL returns the address in its normal form when it leads to the web, else null. */
export function webURL(address: string): string | null {
  try {
    const url = new URL(address);
    return (url.protocol === "https:" || url.protocol === "http:") && url.username === "" && url.password === "" ? url.href : null;
  } catch {
    return null;
  }
}

/** initials stand in for a missing icon. */
export function initials(name: string): string {
  const words = label(name, 80).split(/[\s_-]+/).filter(Boolean);
  const first = [...(words[0] ?? "?")];
  const second = words[1] ? [...words[1]][0] : first[1];
  return ((first[0] ?? "?") + (second ?? "")).toUpperCase();
}
