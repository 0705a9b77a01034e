import { linked } from "../lib/text";

/** RichText is a description of a server's author: text, and links that are checked. */
export function RichText({ text }: { text: string }) {
  return (
    <span className="foreign">
      {linked(text).map((part, i) =>
        part.href ? (
          <a key={i} href={part.href} target="_blank" rel="noopener noreferrer nofollow">
            {part.text}
            <span className="sr-only"> (opens a new tab)</span>
          </a>
        ) : (
          part.text
        ),
      )}
    </span>
  );
}
