import { type ClassValue, clsx } from "clsx";
import { twMerge } from "tailwind-merge";

/** cx joins class names; of two that contradict each other the later wins. */
export function cx(...parts: ClassValue[]): string {
  return twMerge(clsx(parts));
}
