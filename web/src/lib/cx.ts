/** cx joins class names. Of two that contradict each other neither wins: mark one with `!`. */
export function cx(...parts: (string | false | null | undefined)[]): string {
  return parts.filter(Boolean).join(" ");
}
