// Splits markdown into blocks that can be rendered one by one, so that a growing text costs
// only its last block. A block ends at a blank line, but not inside of a fence or a list.

const fence = /^ {0,3}(`{3,}|~{3,})(.*)$/;
const item = /^( {0,3})(?:[-*+]|\d{1,9}[.)])(?:\s|$)/;
const rule = /^ {0,3}([-*_])(?: *\1){2,} *$/;
const definition = /^ {0,3}\[[^\]^][^\]]*\]:\s*\S/m;
const footnote = /^ {0,3}\[\^[^\]]+\]:/m;
const longList = 4000; // characters; a list beyond goes on as another one with the next number

const startsList = (line: string): boolean => item.test(line) && !rule.test(line);

interface State {
  at: number; // where the block begins
  marks: string; // of the fence that is open
  list: boolean;
  blank: boolean; // the line before was blank
}

/** Splitter splits a text that grows. */
export class Splitter {
  private text = "";
  private done: string[] = []; // blocks that do not change any more
  private scanned = 0; // up to a line's beginning
  private state: State = { at: 0, marks: "", list: false, blank: false };

  /** blocks returns the blocks of a text; where it only grew, from where it stopped. */
  blocks(text: string): string[] {
    if (!text.startsWith(this.text)) this.reset();
    this.text = text;
    for (let end = text.indexOf("\n", this.scanned); end >= 0; end = text.indexOf("\n", this.scanned)) {
      this.line(text.slice(this.scanned, end), this.scanned);
      this.scanned = end + 1;
    }
    // The last line may still grow: it is looked at, and forgotten again.
    const { done, state } = this;
    this.done = [...done];
    this.state = { ...state };
    this.line(text.slice(this.scanned), this.scanned);
    const all = [...this.done, text.slice(this.state.at)].filter((b) => b.trim() !== "");
    this.done = done;
    this.state = state;
    return all;
  }

  private reset(): void {
    this.done = [];
    this.scanned = 0;
    this.state = { at: 0, marks: "", list: false, blank: false };
  }

  private line(line: string, from: number): void {
    const s = this.state;
    const open = fence.exec(line.trimEnd());
    if (s.marks !== "") {
      const mark = open?.[1] ?? "";
      if (mark.startsWith(s.marks) && open?.[2] === "") s.marks = "";
      s.blank = false;
      return;
    }
    if (line.trim() === "") {
      s.blank = true;
      return;
    }
    if (this.breaks(line, from)) {
      this.done.push(this.text.slice(s.at, from));
      s.at = from;
      s.list = startsList(line);
    } else if (s.at === from || (!s.list && this.text.slice(s.at, from).trim() === "")) {
      s.list = startsList(line);
    }
    s.blank = false;
    if (open?.[1] && (open[1].startsWith("~") || !open[2]?.includes("`"))) s.marks = open[1];
  }

  // breaks says whether a block ends before a line that is not blank.
  private breaks(line: string, from: number): boolean {
    const s = this.state;
    if (from === s.at) return false;
    const marker = startsList(line) ? item.exec(line) : null;
    if (s.list && marker?.[1] === "" && from - s.at > longList) return true;
    if (!s.blank) return false;
    if (!s.list) return true;
    return !marker && !/^(\s{2,}|\t)/.test(line);
  }
}

/** split is Splitter for a text that is whole. */
export function split(text: string): string[] {
  if (footnote.test(text)) return [text]; // notes belong to the whole
  return new Splitter().blocks(text);
}

/** definitionsOf finds the targets of links that are named elsewhere. */
export function definitionsOf(blocks: string[]): string {
  return blocks
    .filter((b) => definition.test(b))
    .flatMap((b) => b.split("\n").filter((l) => definition.test(l)))
    .join("\n");
}

export const hasNotes = (text: string): boolean => footnote.test(text);

/** mend closes what the end of a text leaves open while it is being written. */
export function mend(block: string): string {
  if (fence.test(block.slice(0, block.indexOf("\n") + 1 || undefined).trimEnd())) return block;
  const cut = block.replace(/!?\[([^\]\n]*)(\]\([^)\n]*)?$/, "$1");
  const line = cut.slice(cut.lastIndexOf("\n\n") + 1);
  const ticks = line.match(/`+/g) ?? [];
  if (ticks.length % 2 === 1) return cut + ticks.at(-1);
  const bold = line.replaceAll(/`[^`]*`/g, "").match(/\*\*/g) ?? [];
  return bold.length % 2 === 1 && !/\*\*\s*$/.test(cut) ? `${cut.trimEnd()}**` : cut;
}
