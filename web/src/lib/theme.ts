// The theme: chosen, or the system's. public/theme.js does the same before the first paint.
export type Theme = "system" | "light" | "dark";

const storageKey = "patchbay-theme";
const systemDark = () => matchMedia("(prefers-color-scheme: dark)");

export function chosenTheme(): Theme {
  try {
    const stored = localStorage.getItem(storageKey);
    return stored === "light" || stored === "dark" ? stored : "system";
  } catch {
    return "system";
  }
}

function paint(theme: Theme): void {
  const dark = theme === "dark" || (theme === "system" && systemDark().matches);
  document.documentElement.dataset.theme = dark ? "dark" : "light";
}

export function chooseTheme(theme: Theme): void {
  try {
    if (theme === "system") localStorage.removeItem(storageKey);
    else localStorage.setItem(storageKey, theme);
  } catch {
    // storage is off: it holds until the page is left
  }
  paint(theme);
}

/** followTheme keeps up with the system and with other tabs. */
export function followTheme(): void {
  systemDark().addEventListener("change", () => paint(chosenTheme()));
  addEventListener("storage", (e) => {
    if (e.key === storageKey) paint(chosenTheme());
  });
}
