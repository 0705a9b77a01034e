// Drives the chat in Chromium against a running patchbay whose model says what chat_test.go
// wrote down. Each step prints a line; any that fails, any violation of the page's policy
// and any error on the console fails the run.
import { mkdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

const require = createRequire(new URL("../../web/package.json", import.meta.url));
const { chromium } = require("playwright-core");
const axeSource = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");

const { UI_URL: url, UI_SETUP: setup, UI_REMOTE: remote, UI_SHOTS: shots, UI_CHROMIUM: executablePath } = process.env;
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

const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, reducedMotion: "reduce", colorScheme: "light" });
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
const page = await context.newPage();

async function step(name, run, needed = false) {
  const from = Date.now();
  try {
    await run();
    console.log(`ok   ${name} (${Date.now() - from} ms)`);
  } catch (error) {
    fail(`${name}: ${String(error.message).split("\n").slice(0, 6).join(" | ")}`);
    await page.screenshot({ path: join(shots, `failed-chat-${name.replaceAll(/\W+/g, "-")}.png`) }).catch(() => {});
    if (needed) process.exit(1);
  }
}

const axeOptions = { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"], resultTypes: ["violations"] };

// owes: no violation that axe finds in either theme and width, no sideways scrolling at 320 pixels.
async function owes(name, widths = [1280, 390]) {
  const before = page.viewportSize();
  await page.evaluate(axeSource);
  for (const width of widths) {
    await page.setViewportSize({ width, height: 800 });
    for (const theme of ["light", "dark"]) {
      await page.evaluate((t) => (document.documentElement.dataset.theme = t), theme);
      await page.waitForTimeout(200); // colours change over a moment
      const { violations } = await page.evaluate((o) => window.axe.run(document, o), axeOptions);
      for (const v of violations) fail(`axe ${name} ${theme} ${width}: ${v.id}: ${v.nodes.map((n) => `${n.target.join(" ")} (${n.any[0]?.message ?? ""})`).slice(0, 3).join(", ")}`);
      await page.screenshot({ path: join(shots, `chat-${name}-${theme}-${width}.png`) });
    }
  }
  await page.setViewportSize({ width: 320, height: 640 });
  const over = await page.evaluate(() => document.scrollingElement.scrollWidth - innerWidth);
  check(over <= 0, `${name} scrolls sideways by ${over} px at 320`);
  await page.evaluate(() => (document.documentElement.dataset.theme = "light"));
  await page.setViewportSize(before);
}

const button = (name, options) => page.getByRole("button", { name, ...options });
const composer = () => page.getByRole("textbox", { name: "Message", exact: true });
const log = () => page.getByRole("log", { name: "Messages" });
const card = (name) => page.getByRole("group", { name });
const focused = () => page.evaluate(() => document.activeElement?.tagName ?? "");

// choose opens the list of servers and marks those that are named.
async function choose(...names) {
  await button(/^MCP servers/).click();
  for (const name of names) await page.getByRole("checkbox", { name, exact: false }).first().check();
  await page.keyboard.press("Escape");
}

async function say(text) {
  await composer().fill(text);
  await page.keyboard.press("Enter");
}

await step("set up", async () => {
  await page.goto(setup);
  await page.getByLabel("E-mail").fill("ada@example.com");
  await page.getByLabel("Name").fill("Ada");
  await page.getByLabel("Password", { exact: true }).fill("correct horse battery");
  await page.keyboard.press("Enter");
  await page.waitForURL("**/c/new");
  await composer().waitFor();
  await button(/fake-large/).waitFor();
  await owes("first");
}, true);

await step("first message to first tool answer", async () => {
  await choose("Demo tools");
  await say("What is 9007199254740993 and 1?");
  await page.waitForURL(/\/c\/(?!new)/);
  await log().getByText("The sum is").waitFor();
  await card("add on Demo tools").getByRole("button", { name: /^add/ }).click();
  await card("add on Demo tools").getByText("9007199254740994").first().waitFor();
  check((await focused()) !== "BODY", "the focus is lost after the answer");
  check((await composer().inputValue()) === "", "the message stays in the field");
  await page.waitForTimeout(600); // colours of code
  await owes("answer");
}, true);

await step("answer again, and go between the versions", async () => {
  await button("Answer again").last().click();
  await log().getByText("It is still").waitFor();
  await page.getByText("2/2").waitFor();
  await button("Version before").click();
  await log().getByText("The sum is").waitFor();
  await page.reload();
  await log().getByText("The sum is").waitFor();
  await button("Next version").click();
  await log().getByText("It is still").waitFor();
});

await step("a draft stays", async () => {
  await composer().fill("half a thought");
  await page.reload();
  await page.waitForFunction(() => document.getElementById("composer")?.value === "half a thought");
});

await step("what models write stays text", async () => {
  await say("Be nasty");
  await log().getByText("‹U+202E›", { exact: false }).first().waitFor();
  check((await page.locator("a[href^='javascript']").count()) === 0, "a javascript: link is a link");
  check((await log().locator("img").count()) === 0, "an image from elsewhere is fetched");
  check((await page.evaluate(() => window.owned)) === undefined, "a script of a model ran");
  await owes("hostile", [390]);
});

await step("two tabs in step", async () => {
  const other = await context.newPage();
  await other.goto(page.url());
  await other.getByText("What is 9007199254740993", { exact: false }).first().waitFor();
  await other.close();
});

// A question, and an approval in the same turn.
async function waits(way, act) {
  await page.goto(`${url}/c/new`);
  await composer().waitFor();
  await choose("Demo tools", "Careful");
  await say(`Ask and fail, by ${way}`);
  await page.getByText("calls wait for you", { exact: false }).waitFor();
  await page.getByRole("region", { name: /asks for information/ }).waitFor();
  await button("Allow once").waitFor();
  await act();
  await log().getByText(`Both are done, by ${way}.`).waitFor();
  check((await focused()) !== "BODY", `the focus is lost, by ${way}`);
  await card("fail on Careful").getByText("The tool reported an error").waitFor();
}

await step("answer a question and approve a call, by mouse", () =>
  waits("mouse", async () => {
    await owes("waits");
    const form = page.getByRole("region", { name: /asks for information/ });
    await form.getByRole("button", { name: "Send" }).click();
    await form.getByText("Fill this in.").waitFor();
    await form.getByLabel("Name").fill("Grace");
    await page.reload(); // what is typed stays
    await form.getByLabel("Name").waitFor();
    check((await form.getByLabel("Name").inputValue()) === "Grace", "an answer that was begun is lost by a reload");
    await form.getByLabel("Colour").selectOption({ label: "green" });
    await form.getByRole("button", { name: "Send" }).click();
    await form.waitFor({ state: "detached" });
    await button("Allow once").click();
  }));

await step("the same by keyboard", () =>
  waits("keyboard", async () => {
    for (let i = 0; i < 2; i++) {
      await page.keyboard.press("F6");
      if (await page.evaluate(() => document.activeElement?.getAttribute("aria-label")?.startsWith("fail"))) {
        await page.keyboard.press("a");
        await button("Allow once").waitFor({ state: "detached" });
      } else {
        const name = page.getByLabel("Name", { exact: true });
        for (let n = 0; n < 20 && !(await name.evaluate((e) => e === document.activeElement)); n++) await page.keyboard.press("Tab");
        await page.keyboard.type("Grace");
        await page.keyboard.press("Tab");
        await page.keyboard.type("g"); // green
        const send = button("Send", { exact: true }).first();
        for (let n = 0; n < 6 && !(await send.evaluate((e) => e === document.activeElement)); n++) await page.keyboard.press("Tab");
        await page.keyboard.press("Enter");
        await page.getByRole("region", { name: /asks for information/ }).waitFor({ state: "detached" });
      }
      if (i === 0) await page.getByText(/^\d calls wait for you/).waitFor({ state: "detached" });
    }
  }));

await step("the same on a phone, denied", async () => {
  await page.setViewportSize({ width: 390, height: 844 });
  await page.goto(`${url}/c/new`);
  await composer().waitFor();
  await choose("Demo tools", "Careful");
  await say("Ask and fail, by phone");
  const form = page.getByRole("region", { name: /asks for information/ });
  await form.getByRole("button", { name: "Decline" }).click();
  await form.waitFor({ state: "detached" });
  await button("Deny", { exact: true }).click();
  await page.getByLabel("Reason").fill("Not today");
  await button("Deny the call").click();
  await log().getByText("Both are done, by phone.").waitFor();
  await card("fail on Careful").getByText("Denied by you").waitFor();
  await button("Open navigation").click();
  await page.getByRole("dialog").getByRole("link", { name: /Ask and fail, by mouse|New chat/ }).first().waitFor();
  await page.screenshot({ path: join(shots, "chat-drawer.png") });
  await page.keyboard.press("Escape");
  await page.setViewportSize({ width: 1280, height: 800 });
});

await step("sign in from the chat, and the run goes on", async () => {
  await page.goto(`${url}/c/new`);
  await composer().waitFor();
  await choose("Notes");
  await say("Say hello to notes");
  const without = button(/^Send without/);
  const link = page.getByRole("link", { name: /^Sign in to/ });
  await without.or(link).first().waitFor();
  if (await without.isVisible()) await button("Send", { exact: true }).click(); // sent all the same: the run waits
  await link.waitFor();
  await owes("signin");
  const [tab] = await Promise.all([context.waitForEvent("page"), link.click()]);
  await tab.getByRole("button").first().click();
  await tab.getByRole("heading", { name: "You are signed in" }).waitFor();
  await tab.close();
  await log().getByText("Notes said hello.").waitFor();
});

await step("a restart in the middle of an answer", async () => {
  await page.goto(`${url}/c/new`);
  await composer().waitFor();
  await say("Tell me a long story");
  await log().getByText("A long story goes on.", { exact: false }).first().waitFor();
  await page.waitForTimeout(1500); // a checkpoint
  await fetch(`${remote}/stop`, { method: "POST" });
  await log().getByText("Reconnecting…", { exact: false }).waitFor();
  await page.screenshot({ path: join(shots, "chat-connection-lost.png") });
  const started = await fetch(`${remote}/start`, { method: "POST" });
  check(started.ok, await started.text());
  await button("Try now").click().catch(() => {}); // it may have found out by itself
  await button("Continue").waitFor({ timeout: 30_000 });
  const text = (await log().textContent()) ?? "";
  check(text.split("Tell me a long story").length === 2, "the message is there twice");
  await owes("interrupted");
  await button("Continue").click();
  await log().getByText("and so it ended.", { exact: false }).waitFor();
});

await step("rename, archive, search and delete", async () => {
  await page.getByRole("main").getByRole("button", { name: /^Actions for/ }).click();
  await page.getByRole("menuitem", { name: "Rename" }).click();
  await page.getByLabel("Title of the chat").first().fill("The story of the lamp");
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { level: 1, name: "The story of the lamp" }).waitFor();
  const row = page.getByRole("link", { name: "The story of the lamp" });
  await row.waitFor();
  await page.getByLabel("Search chats").fill("lamp");
  await page.waitForURL(/q=lamp/);
  await row.waitFor();
  await page.getByRole("navigation", { name: "Chats" }).getByRole("button", { name: /^Actions for The story/ }).click();
  await page.getByRole("menuitem", { name: "Delete…" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Delete" }).click();
  await row.waitFor({ state: "detached" });
  await page.waitForURL("**/c/new");
});

await browser.close();
console.log(wrong.length === 0 ? "all is well" : `${wrong.length} wrong`);
process.exit(wrong.length === 0 ? 0 : 1);
