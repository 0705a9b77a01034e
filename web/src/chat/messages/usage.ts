import type { Usage } from "../types";

const short = new Intl.NumberFormat("en", { notation: "compact", maximumFractionDigits: 1 });

/** tokens says what was read and written. */
export function tokens(u: Usage): string {
  return `${short.format(u.input)} in, ${short.format(u.output)} out`;
}

/** allOf says it at length. */
export function allOf(u: Usage): string {
  const full = new Intl.NumberFormat("en");
  const parts = [`${full.format(u.input)} tokens read`, `${full.format(u.output)} written`];
  if (u.reasoning) parts.push(`${full.format(u.reasoning)} of them thoughts`);
  if (u.cacheRead) parts.push(`${full.format(u.cacheRead)} read from a cache`);
  return parts.join(", ");
}
