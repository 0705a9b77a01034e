// GitHub's additions to markdown: tables, task lists, bare links, struck text, notes. Only the reading half.
import { gfmFromMarkdown } from "mdast-util-gfm";
import { gfm } from "micromark-extension-gfm";

interface Data {
  micromarkExtensions?: unknown[];
  fromMarkdownExtensions?: unknown[];
}

// A plugin is called with its processor as this.
function teach(this: { data: () => unknown }): void {
  const data = this.data() as Data;
  (data.micromarkExtensions ??= []).push(gfm({ singleTilde: false }));
  (data.fromMarkdownExtensions ??= []).push(gfmFromMarkdown());
}

/** readGFM teaches a processor to read them. */
export const readGFM = teach;
