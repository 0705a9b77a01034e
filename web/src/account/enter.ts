import { inside } from "./gate";

/** enter goes on after signing in, by a fresh page: nothing of who was here before stays. */
export function enter(next: string | undefined): void {
  location.replace(inside(next));
}
