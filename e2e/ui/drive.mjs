// What the scripts that drive a browser share: the browser, steps that print a line each,
// and what every page owes to everybody. browser_test.go says in the environment where
// things are.
import { mkdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

const require = createRequire(new URL("../../web/package.json", import.meta.url));
const { chromium } = require("playwright-core");
const axeSource = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");

export const { UI_URL: url, UI_SETUP: setup, UI_SHOTS: shots, UI_CHROMIUM: executablePath } = process.env;
mkdirSync(shots, { recursive: true });

const args = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"];
export const browser = await chromium.launch({ executablePath, args });

const wrong = [];
export const fail = (text) => {
  wrong.push(text);
  console.log(`FAIL ${text}`);
};
export const check = (ok, text) => ok || fail(text);

// A refused request is on the console too: those that a step provokes are not errors.
const provoked = /Failed to load resource: (net::ERR_|the server responded with a status of 4\d\d)/;

export async function person(options = {}) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, reducedMotion: "reduce", colorScheme: "light", ...options });
  context.setDefaultTimeout(15_000);
  context.on("page", (page) => {
    page.on("console", (m) => {
      if (m.type() === "error" && !provoked.test(m.text())) fail(`console on ${page.url()}: ${m.text()}`);
      if (/content security policy/i.test(m.text())) fail(`policy on ${page.url()}: ${m.text()}`);
    });
    page.on("pageerror", (e) => fail(`error on ${page.url()}: ${e.message}`));
    page.on("request", (r) => {
      if (!r.url().startsWith(url) && /^(https?|wss?):/.test(r.url()) && !r.isNavigationRequest()) fail(`${page.url()} fetched ${r.url()}`);
    });
  });
  return context;
}

export async function step(name, run, page, needed = false) {
  const from = Date.now();
  try {
    await run();
    console.log(`ok   ${name} (${Date.now() - from} ms)`);
  } catch (error) {
    fail(`${name}: ${String(error.message).split("\n").slice(0, 6).join(" | ")}`);
    await page.screenshot({ path: join(shots, `failed-${name.replaceAll(/\W+/g, "-")}.png`) }).catch(() => {});
    if (needed) end();
  }
}

export const shot = (page, name, options) => page.screenshot({ path: join(shots, `${name}.png`), ...options });

/** signUp makes the first administrator, who is signed in then. */
export async function signUp(page) {
  await page.goto(setup);
  await page.getByLabel("E-mail").fill("ada@example.com");
  await page.getByLabel("Name").fill("Ada");
  await page.getByLabel("Password", { exact: true }).fill("correct horse battery");
  await page.keyboard.press("Enter");
  await page.waitForURL((there) => !there.pathname.endsWith("/setup"));
}

/** reach presses Tab until the focus is there, as somebody without a mouse does. */
export async function reach(page, locator, most = 120) {
  for (let i = 0; i < most; i++) {
    if (await locator.evaluate((e) => e === document.activeElement).catch(() => false)) return;
    await page.keyboard.press("Tab");
  }
  throw new Error(`the keyboard does not reach ${locator}`);
}

/** hands are how a person presses: on what is seen, or on what the keyboard reached. */
export const hands = (page) => {
  const at = async (it) => (await it.waitFor(), await reach(page, it));
  return {
    byMouse: { press: (it) => it.click(), tick: (it) => it.click(), type: (it, text) => it.fill(text), pick: (it, value) => it.selectOption(value) },
    byKeys: {
      press: async (it) => (await at(it), page.keyboard.press("Enter")),
      tick: async (it) => (await at(it), page.keyboard.press("Space")),
      type: async (it, text) => (await at(it), page.keyboard.type(text)),
      pick: async (it, value) => (await at(it), page.keyboard.type(value)),
    },
  };
};

const axeOptions = { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"], resultTypes: ["violations"] };

/** owes looks at a page as it is now, in both themes and widths: axe, and no sideways scrolling. */
export async function owes(page, name) {
  await page.evaluate(axeSource);
  for (const [width, height] of [[1280, 800], [390, 844]]) {
    await page.setViewportSize({ width, height });
    for (const theme of ["light", "dark"]) {
      await page.evaluate((t) => {
        document.documentElement.dataset.theme = t;
        void document.body.offsetHeight; // transitions begin now
        for (const running of document.getAnimations()) running.finish();
      }, theme);
      const { violations } = await page.evaluate((o) => window.axe.run(document, o), axeOptions);
      for (const v of violations) fail(`axe ${name} ${theme} ${width}: ${v.id}: ${v.nodes.map((n) => `${n.target.join(" ")} (${n.any[0]?.message ?? ""})`).slice(0, 3).join(", ")}`);
      if ((theme === "light") === (width === 1280)) await shot(page, `page-${name}-${theme}-${width}`);
    }
  }
  await page.setViewportSize({ width: 320, height: 640 });
  const over = await page.evaluate(() => document.scrollingElement.scrollWidth - innerWidth);
  check(over <= 0, `${name} scrolls sideways by ${over} px at 320`);
  await page.setViewportSize({ width: 1280, height: 800 });
}

export async function end() {
  await browser.close();
  console.log(wrong.length === 0 ? "all is well" : `${wrong.length} wrong`);
  process.exit(wrong.length === 0 ? 0 : 1);
}
