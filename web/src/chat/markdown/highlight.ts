// Colours for code, loaded when the first block with a known language is whole.
import { createHighlighterCore, type HighlighterCore } from "shiki/core";
import { createJavaScriptRegexEngine } from "shiki/engine/javascript";

/** Token is a piece of a line with its colours for both themes. */
export interface Token {
  text: string;
  style: React.CSSProperties;
}
export type Line = Token[];

type Grammar = Parameters<HighlighterCore["loadLanguage"]>[0];

const grammars: Record<string, () => Promise<{ default: Grammar }>> = {
  bash: () => import("shiki/langs/bash.mjs"),
  c: () => import("shiki/langs/c.mjs"),
  css: () => import("shiki/langs/css.mjs"),
  diff: () => import("shiki/langs/diff.mjs"),
  go: () => import("shiki/langs/go.mjs"),
  html: () => import("shiki/langs/html.mjs"),
  java: () => import("shiki/langs/java.mjs"),
  javascript: () => import("shiki/langs/javascript.mjs"),
  json: () => import("shiki/langs/json.mjs"),
  python: () => import("shiki/langs/python.mjs"),
  rust: () => import("shiki/langs/rust.mjs"),
  sql: () => import("shiki/langs/sql.mjs"),
  typescript: () => import("shiki/langs/typescript.mjs"),
  yaml: () => import("shiki/langs/yaml.mjs"),
};

const alias: Record<string, string> = {
  sh: "bash", shell: "bash", zsh: "bash", console: "bash", h: "c", golang: "go", js: "javascript", mjs: "javascript", jsx: "javascript",
  jsonc: "json", json5: "json", py: "python", rs: "rust", ts: "typescript", tsx: "typescript", yml: "yaml", htm: "html", xml: "html", svg: "html", patch: "diff",
};

let made: Promise<HighlighterCore> | null = null;

function highlighter(): Promise<HighlighterCore> {
  made ??= createHighlighterCore({
    themes: [import("shiki/themes/github-light-high-contrast.mjs"), import("shiki/themes/github-dark-high-contrast.mjs")],
    langs: [],
    engine: createJavaScriptRegexEngine({ forgiving: true }),
  });
  return made;
}

/** highlight returns the lines of code, null when nobody knows the language. */
export async function highlight(code: string, language: string): Promise<Line[] | null> {
  const wanted = language.toLowerCase();
  const name = alias[wanted] ?? wanted;
  const grammar = Object.hasOwn(grammars, name) ? grammars[name] : undefined;
  if (!grammar) return null;
  const h = await highlighter();
  if (!h.getLoadedLanguages().includes(name)) await h.loadLanguage((await grammar()).default);
  const tokens = h.codeToTokensWithThemes(code, { lang: name, themes: { light: "github-light-high-contrast", dark: "github-dark-high-contrast" } });
  return tokens.map((line) =>
    line.map((t) => ({ text: t.content, style: { "--tok": t.variants.light?.color ?? "", "--tok-dark": t.variants.dark?.color ?? "" } as React.CSSProperties })),
  );
}
