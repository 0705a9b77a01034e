// Drives the built UI in Chromium against a running patchbay. browser_test.go starts both,
// and says in the environment where they are. Each step prints a line; any that fails, any
// violation of the page's policy and any error on the console fails the run.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

const require = createRequire(new URL("../../web/package.json", import.meta.url));
const { chromium } = require("playwright-core");
const axeSource = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");

const { UI_URL: url, UI_SETUP: setup, UI_CONFIG: config, UI_REMOTE: remote, UI_SHOTS: shots, UI_CHROMIUM: executablePath } = process.env;
mkdirSync(shots, { recursive: true });

const args = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"];
const browser = await chromium.launch({ executablePath, args });
const wrong = [];
const fail = (text) => {
  wrong.push(text);
  console.log(`FAIL ${text}`);
};
const check = (ok, text) => ok || fail(text);

// A refused request is on the console too: those that a step provokes are not errors.
const provoked = /Failed to load resource: (net::ERR_|the server responded with a status of 4\d\d)/;

async function person(options = {}) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, reducedMotion: "reduce", colorScheme: "light", ...options });
  context.setDefaultTimeout(6000);
  context.on("page", watch);
  return context;
}

const streams = [];
function watch(page) {
  page.on("console", (m) => {
    if (m.type() === "error" && !provoked.test(m.text())) fail(`console on ${page.url()}: ${m.text()}`);
    if (/content security policy/i.test(m.text())) fail(`policy on ${page.url()}: ${m.text()}`);
  });
  page.on("pageerror", (e) => fail(`error on ${page.url()}: ${e.message}`));
  page.on("request", (r) => {
    if (r.url().endsWith("/api/events")) streams.push(r);
    else if (!r.url().startsWith(url) && /^(https?|wss?):/.test(r.url()) && !r.isNavigationRequest()) fail(`${page.url()} fetched ${r.url()}`);
  });
}

async function step(name, run, needed = false, on = page) {
  const from = Date.now();
  try {
    await run();
    console.log(`ok   ${name} (${Date.now() - from} ms)`);
  } catch (error) {
    fail(`${name}: ${String(error.message).split("\n").slice(0, 6).join(" | ")}`);
    await on.screenshot({ path: join(shots, `failed-${name.replaceAll(/\W+/g, "-")}.png`) }).catch(() => {});
    if (needed) process.exit(1);
  }
}

const context = await person();
const page = await context.newPage();
const button = (name, options) => page.getByRole("button", { name, ...options });
const shot = (name, options) => page.screenshot({ path: join(shots, `${name}.png`), ...options });
const server = (title) => page.getByRole("listitem").filter({ has: page.getByRole("link", { name: title, exact: true }) });
const status = (title, word) => server(title).getByRole("button", { name: new RegExp(`^${word}\\s*: configure`) });
const focused = () => page.evaluate(() => document.activeElement?.tagName ?? "");

await step("set up", async () => {
  await page.goto(setup);
  await page.getByLabel("E-mail").fill("ada@example.com");
  check(!page.url().includes("token="), "the set-up token stays in the address");
  await page.getByLabel("Name").fill("Ada");
  await page.getByLabel("Password", { exact: true }).fill("short");
  await button("Create administrator").click();
  await page.getByText("Must have at least 8 characters.", { exact: true }).waitFor();
  await shot("setup-wrong");
  await page.getByLabel("Password", { exact: true }).fill("correct horse battery");
  await page.keyboard.press("Enter");
  await page.waitForURL("**/c/new");
  await page.goto(`${url}/servers`);
}, true);

await step("servers show their status as it comes", async () => {
  await status("Demo tools", "Connected").waitFor();
  await status("Slow", "Initializing").waitFor();
  await server("Weather").getByText("Give a value for WEATHER_KEY first.").waitFor();
  await status("Broken", "Error").waitFor();
  await status("Nobody", "Disconnected").waitFor();
  await shot("servers", { fullPage: true });
});

await step("give a variable, by keyboard", async () => {
  const configure = server("Weather").getByRole("button", { name: "Configure Weather", exact: true });
  await configure.focus();
  await page.keyboard.press("Enter");
  const dialog = page.getByRole("dialog", { name: "Configure Weather" });
  await dialog.getByLabel("Weather key", { exact: true }).waitFor();
  check(page.url().includes("configure=weather"), "the dialog is not in the address");
  await shot("config-dialog");
  await dialog.getByLabel("Weather key", { exact: true }).fill("not-a-real-key");
  check((await dialog.getByLabel("Weather key", { exact: true }).getAttribute("type")) === "password", "a key is shown while it is typed");
  await page.keyboard.press("Enter");
  await dialog.getByText("Connected", { exact: true }).waitFor();
  check((await dialog.getByLabel("Weather key", { exact: true }).inputValue()) === "", "a key stays in its field");
  await shot("config-dialog-set");
  await page.keyboard.press("Escape");
  await dialog.waitFor({ state: "detached" });
  check((await focused()) !== "BODY", "the focus is lost after the dialog");
  await status("Weather", "Connected").waitFor();
});

await step("sign in at a server", async () => {
  await server("Notes").getByRole("button", { name: /^(Initialize|Authenticate|Try again) Notes/ }).click();
  const dialog = page.getByRole("dialog", { name: "Configure Notes" });
  const link = dialog.getByRole("link", { name: "Sign in to Notes" });
  await link.waitFor();
  await shot("sign-in");
  const [tab] = await Promise.all([context.waitForEvent("page"), link.click()]);
  await tab.getByRole("button").first().click();
  await tab.getByRole("heading", { name: "You are signed in" }).waitFor();
  await tab.screenshot({ path: join(shots, "signed-in.png") });
  await tab.close();
  await dialog.getByText("Connected", { exact: true }).waitFor();
  await shot("signed-in-dialog");
  await page.keyboard.press("Escape");
});

await step("call a tool, exactly", async () => {
  await page.goto(`${url}/servers/demo`);
  await page.getByRole("link", { name: "Try Add" }).click();
  await page.getByLabel("a", { exact: true }).fill("9007199254740993");
  await page.keyboard.press("Control+Enter");
  await page.getByText("Fill this in.").waitFor();
  await shot("playground-wrong");
  await page.keyboard.type("1"); // the focus is in the field that is wrong
  await page.keyboard.press("Control+Enter");
  await page.getByText("9007199254740994").waitFor();
  await button("JSON", { exact: true }).click();
  await page.getByLabel("Arguments as JSON").fill('{"a": 1, ');
  await button("Form", { exact: true }).click();
  await page.getByText("This is not valid JSON.").waitFor();
  await page.getByLabel("Arguments as JSON").fill('{"a": 0.1, "b": 0.2}');
  await button("Form", { exact: true }).click();
  check((await page.getByLabel("b", { exact: true }).inputValue()) === "0.2", "JSON does not reach the form");
  await button("Run").click();
  await page.getByText("0.3", { exact: true }).waitFor();
  await shot("playground-add", { fullPage: true });
});

await step("watch progress, and cancel", async () => {
  await page.goto(`${url}/playground/demo/countdown`);
  await page.getByLabel("from").fill("1000");
  await page.getByLabel("ms").fill("100");
  await button("Run").click();
  await page.getByText(/\d+ of 1000/).waitFor();
  await shot("playground-running");
  await button("Cancel", { exact: true }).click();
  await page.getByText("Cancelled by you").waitFor();
  await button("Run").waitFor();
});

await step("results of every kind", async () => {
  for (const [tool, done] of [["picture", "img[alt='From Picture']"], ["table", "text=| 5 | 25 | 125 |"], ["fail", "text=The tool reported an error"]]) {
    await page.goto(`${url}/playground/demo/${tool}`);
    await button("Run").click();
    await page.locator(done).waitFor();
    if (tool === "table") await button("Structured", { exact: true }).click();
    await shot(`playground-${tool}`, { fullPage: true });
  }
});

await step("answer a question", async () => {
  await page.goto(`${url}/playground/demo/ask`);
  await button("Run").click();
  const question = page.getByRole("region", { name: "Demo tools asks for information" });
  await question.getByRole("button", { name: "Send" }).click();
  await question.getByText("Fill this in.").waitFor();
  await question.getByLabel("Name").fill("Grace");
  await question.getByLabel("Colour").selectOption({ label: "green" });
  await shot("question", { fullPage: true });
  await question.getByRole("button", { name: "Send" }).click();
  await page.getByText("Hello, Grace! Your colour is green.").waitFor();
});

await step("hostile servers stay text", async () => {
  await page.goto(`${url}/servers/hostile`);
  await page.getByRole("heading", { level: 1, name: /Hostile/ }).waitFor();
  await page.getByText("onerror=", { exact: false }).first().waitFor();
  await shot("hostile-server", { fullPage: true });
  await page.goto(`${url}/playground/hostile/markup`);
  await button("Run").click();
  await page.getByText("is no image").waitFor();
  check((await page.locator("a[href^='javascript']").count()) === 0, "a javascript: link is a link");
  check((await page.getByText("‹U+202E›").count()) > 0, "turned text is not shown");
  await shot("hostile-markup", { fullPage: true });
  const from = Date.now();
  for (const tool of ["large", "many"]) {
    await page.goto(`${url}/playground/hostile/${tool}`);
    await button("Run").click();
    await page.getByText(/^Done\d/).first().waitFor({ timeout: 20_000 });
    await button("Raw", { exact: true }).click();
    await button("Content", { exact: true }).click();
  }
  check(Date.now() - from < 15_000, `ten megabytes and 100,000 parts took ${Date.now() - from} ms`);
  check((await page.evaluate(() => window.owned)) === undefined, "a script of a server ran");
});

await step("make a token, shown once", async () => {
  await page.goto(`${url}/settings/tokens`);
  await button("New token").click();
  await page.getByLabel("Name").fill("my script");
  await button("Make token").click();
  const token = (await page.getByTestId("new-token").textContent()) ?? "";
  await shot("token-once");
  const answer = await fetch(`${url}/api/mcp/servers`, { headers: { Authorization: `Bearer ${token}` } });
  check(answer.status === 200, `the token is answered ${answer.status}`);
  await button("I have copied it").click();
  await page.getByText("my script").waitFor();
  check(!(await page.content()).includes(token), "the token is still in the page");
  await button("Revoke my script").click();
  await button("Revoke", { exact: true }).click();
  await page.getByText("No API tokens").waitFor();
  check((await fetch(`${url}/api/mcp/servers`, { headers: { Authorization: `Bearer ${token}` } })).status === 401, "a revoked token still works");
});

await step("add a person and change the role", async () => {
  await page.goto(`${url}/admin/users`);
  await button("Add a person").click();
  await page.getByLabel("E-mail").fill("bo@example.com");
  await page.getByLabel("Name", { exact: false }).first().fill("Bo");
  await page.getByLabel("Password", { exact: true }).fill("another long one");
  await button("Add", { exact: true }).click();
  const row = page.getByRole("listitem").filter({ hasText: "bo@example.com" });
  await row.getByRole("button", { name: "Make administrator" }).click();
  await shot("confirm-role");
  await page.getByRole("dialog").getByRole("button", { name: "Make administrator" }).click();
  await row.getByText("Administrator", { exact: true }).waitFor();
  await row.getByRole("button", { name: "Take administrator role" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Take the role" }).click();
  await row.getByText("Administrator", { exact: true }).waitFor({ state: "detached" });
  const self = page.getByRole("listitem").filter({ hasText: "ada@example.com" });
  await self.getByRole("button", { name: "Take administrator role" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Take the role" }).click();
  await page.getByRole("alert").waitFor(); // the last administrator stays one
});

await step("a new configuration shows by itself", async () => {
  const before = readFileSync(config, "utf8");
  await page.goto(`${url}/admin/system`);
  await page.getByText("In force").waitFor();
  writeFileSync(config, `${before}  [unfinished\n`);
  await page.getByText("The file was refused.", { exact: false }).waitFor();
  await page.getByText(/librechat\.yaml:\d+|line \d+/).first().waitFor();
  await shot("configuration-refused", { fullPage: true });
  writeFileSync(config, `${before}  added:\n    title: Added later\n    type: streamable-http\n    url: http://127.0.0.1:9/mcp\n`);
  await page.getByText("In force").waitFor();
  await page.getByRole("link", { name: "MCP servers" }).click();
  await page.getByRole("link", { name: "Added later", exact: true }).waitFor();
});

await step("what is wrong with a server", async () => {
  await page.goto(`${url}/servers/nobody?tab=check`);
  await button("Check this server").click();
  await page.getByText("Something is not in order.").waitFor();
  await shot("check", { fullPage: true });
});

await step("one stream for all tabs, and it moves", async () => {
  const tabs = [await context.newPage(), await context.newPage()];
  for (const tab of tabs) {
    await tab.goto(`${url}/servers`);
    await tab.getByRole("link", { name: "Demo tools", exact: true }).waitFor();
  }
  streams.length = 0;
  await page.goto(`${url}/servers`); // the leader leaves and comes back
  await page.getByRole("link", { name: "Demo tools", exact: true }).waitFor();
  for (let i = 0; i < 50 && streams.length === 0; i++) await page.waitForTimeout(50);
  check(streams.length === 1, `${streams.length} streams for three tabs`);
  check(Boolean(streams[0]?.headers()["last-event-id"]), "the next leader does not go on where the last one stopped");
  for (const tab of tabs) await tab.close();
});

await step("the banner when patchbay is away", async () => {
  await page.goto(`${url}/servers`);
  await page.getByRole("link", { name: "Demo tools", exact: true }).waitFor();
  await fetch(`${remote}/stop`, { method: "POST" });
  await page.getByText("Connection to patchbay lost.", { exact: false }).waitFor();
  await shot("offline");
  const started = await fetch(`${remote}/start`, { method: "POST" });
  check(started.ok, await started.text());
  await button("Try now").click().catch(() => {}); // it may have found out by itself
  await page.getByText("Connection to patchbay lost.", { exact: false }).waitFor({ state: "detached" });
  await status("Demo tools", "Connected").waitFor();
});

await step("somebody without a role", async () => {
  const theirs = await person();
  const p = await theirs.newPage();
  await p.goto(`${url}/servers?q=weather`);
  await p.waitForURL("**/login**");
  await p.getByLabel("E-mail").fill("bo@example.com");
  await p.getByLabel("Password", { exact: true }).fill("wrong password");
  await p.keyboard.press("Enter");
  await p.getByRole("alert").waitFor();
  await p.screenshot({ path: join(shots, "login-wrong.png") });
  await p.getByLabel("Password", { exact: true }).fill("another long one");
  await p.keyboard.press("Enter");
  await p.waitForURL("**/servers?q=weather");
  await p.getByRole("link", { name: "Weather", exact: true }).waitFor();
  check((await p.getByRole("link", { name: "People" }).count()) === 0, "everybody is offered the administration");
  await p.goto(`${url}/servers/weather?tab=definition`);
  await p.getByText("You lack the permission EDIT").waitFor();
  await p.goto(`${url}/admin/users`);
  await p.getByText("This page needs the role ADMIN.", { exact: false }).waitFor();
  await p.getByRole("button", { name: "Sign out" }).click();
  await p.waitForURL("**/login");
  await theirs.close();
});

// What every page owes: no violation that axe finds, no sideways scrolling at 320 pixels.
const routes = [
  ["servers", "/servers", "Demo tools"],
  ["servers-none", "/servers?q=zzzz", "No server matches."],
  ["config", "/servers?configure=weather", "Leave empty to keep"],
  ["server", "/servers/demo", "Adds two numbers"],
  ["server-credentials", "/servers/weather?tab=credentials", "Weather key"],
  ["server-definition", "/servers/demo?tab=definition", "demo-server"],
  ["server-check", "/servers/demo?tab=check", "Check this server"],
  ["server-missing", "/servers/nothing-here", "There is no page"],
  ["playground", "/playground", "Call a tool by hand"],
  ["playground-tool", "/playground/demo/table", "How many rows."],
  ["running", "/admin/servers", "streamable-http"],
  ["people", "/admin/users", "bo@example.com"],
  ["configuration", "/admin/system", "In force"],
  ["security", "/settings/security", "This device"],
  ["tokens", "/settings/tokens", "No API tokens"],
  ["appearance", "/settings/appearance", "As this device is set."],
  ["nowhere", "/nowhere/at/all", "There is no page"],
  ["login", "/login", "E-mail"],
  ["register", "/register", "E-mail"],
  ["setup", "/setup", "There is an administrator already"],
  ["oauth-done", "/oauth/done?serverName=notes#denied", "The sign-in was refused"],
];
const sizes = [["1280", 1280, 800], ["390", 390, 844]];
const axeOptions = { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"], resultTypes: ["violations"] };

async function owes(tab, [name, path, text]) {
  await tab.setViewportSize({ width: 1280, height: 800 });
  await tab.goto(url + path);
  await tab.getByText(text, { exact: false }).locator("visible=true").first().waitFor();
  await tab.evaluate(axeSource);
  for (const [size, width, height] of sizes) {
    await tab.setViewportSize({ width, height });
    for (const theme of ["light", "dark"]) {
      await tab.evaluate((t) => (document.documentElement.dataset.theme = t), theme);
      const { violations } = await tab.evaluate((o) => window.axe.run(document, o), axeOptions);
      for (const v of violations) fail(`axe ${name} ${theme} ${size}: ${v.id}: ${v.nodes.map((n) => n.target.join(" ")).slice(0, 3).join(", ")}`);
      if ((theme === "light") === (size === "1280")) await tab.screenshot({ path: join(shots, `page-${name}-${theme}-${size}.png`) });
    }
  }
  await tab.setViewportSize({ width: 320, height: 640 });
  const over = await tab.evaluate(() => document.scrollingElement.scrollWidth - innerWidth);
  check(over <= 0, `${name} scrolls sideways by ${over} px at 320`);
}

const left = [...routes];
await Promise.all(
  Array.from({ length: 3 }, async () => {
    const tab = await context.newPage();
    for (let route = left.shift(); route; route = left.shift()) {
      const [name] = route;
      const current = route;
      await step(`page ${name}`, () => owes(tab, current), false, tab);
    }
    await tab.close();
  }),
);

await step("the drawer on a phone", async () => {
  await page.setViewportSize({ width: 390, height: 844 });
  await page.goto(`${url}/servers`);
  await button("Open navigation").click();
  await page.getByRole("dialog").getByRole("link", { name: "API tokens" }).waitFor();
  await shot("drawer");
  await page.getByRole("dialog").getByRole("link", { name: "API tokens" }).click();
  await page.getByRole("dialog").waitFor({ state: "detached" });
  await page.getByRole("heading", { name: "API tokens" }).waitFor();
  check((await focused()) !== "BODY", "the focus is lost after the drawer");
});

await browser.close();
console.log(wrong.length === 0 ? "all is well" : `${wrong.length} wrong`);
process.exit(wrong.length === 0 ? 0 : 1);
