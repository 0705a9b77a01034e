import { useState } from "react";
import { chooseTheme, chosenTheme, type Theme } from "../lib/theme";
import { Page, Panel } from "../ui/page";

const themes: [Theme, string, string][] = [
  ["system", "System", "As this device is set."],
  ["light", "Light", "Dark text on light."],
  ["dark", "Dark", "Light text on dark."],
];

export function Appearance() {
  const [theme, setTheme] = useState(chosenTheme);
  return (
    <Page title="Appearance">
      <Panel title="Theme" lead="Kept in this browser.">
        <fieldset className="grid gap-3 md:grid-cols-3">
          <legend className="sr-only">Theme</legend>
          {themes.map(([value, title, help]) => (
            <label key={value} htmlFor={`theme-${value}`} className="flex min-h-11 cursor-pointer items-start gap-3 rounded-xl border border-line p-3 has-checked:border-accent has-checked:bg-accent-tint">
              <input
                type="radio"
                id={`theme-${value}`}
                name="theme"
                value={value}
                checked={theme === value}
                onChange={() => {
                  setTheme(value);
                  chooseTheme(value);
                }}
                className="mt-0.5 size-4.5"
              />
              <span>
                <span className="block text-sm font-medium">{title}</span>
                <span className="block text-sm text-muted">{help}</span>
              </span>
            </label>
          ))}
        </fieldset>
      </Panel>
    </Page>
  );
}
