import type { KeyboardEvent } from "react";

/**
 * moveInMenu moves the focus: up and down between rows, Enter or right to what can be done
 * about a row, left back to it. Space ticks, as everywhere.
 */
export function moveInMenu(event: KeyboardEvent<HTMLElement>): void {
  if (event.altKey || event.ctrlKey || event.metaKey) return;
  const within = event.currentTarget;
  const at = event.target as HTMLElement;
  const typing = at instanceof HTMLInputElement && at.type === "search";
  const rows = [...within.querySelectorAll<HTMLElement>("input[data-row]")];
  const row = at.closest("li")?.querySelector<HTMLElement>("input[data-row]") ?? null;
  const i = row ? rows.indexOf(row) : -1;
  let to: HTMLElement | null | undefined = null;
  switch (event.key) {
    case "ArrowDown":
      to = rows[Math.min(i + 1, rows.length - 1)];
      break;
    case "ArrowUp":
      to = i > 0 ? rows[i - 1] : within.querySelector<HTMLElement>('input[type="search"]');
      break;
    case "Home":
      if (!typing) to = rows[0];
      break;
    case "End":
      if (!typing) to = rows.at(-1);
      break;
    case "Enter":
    case "ArrowRight":
      if (at === row) to = actions(row)[0];
      else if (event.key === "ArrowRight" && !typing && row) {
        const those = actions(row);
        to = those[those.indexOf(at) + 1];
      }
      break;
    case "ArrowLeft":
      if (row && at !== row && !typing) {
        const those = actions(row);
        to = those[those.indexOf(at) - 1] ?? row;
      }
  }
  if (!to) return;
  event.preventDefault();
  to.focus();
  to.scrollIntoView?.({ block: "nearest" });
}

function actions(row: HTMLElement): HTMLElement[] {
  const item = row.closest("li");
  return item ? [...item.querySelectorAll<HTMLElement>("[data-actions] button")].filter((b) => b.closest("li") === item) : [];
}
