// Signs in at an MCP server as a person does, in Chromium: once from the link that
// reinitialize returns, once from the button of the page of servers, plain or built. Usage:
//   node signin.mjs MODULES CHROMIUM URL LINK EMAIL1 EMAIL2 PASSWORD
import { createRequire } from "node:module";

const [modules, executablePath, url, link, first, second, password] = process.argv.slice(2);
const { chromium } = createRequire(modules + "/")("playwright-core");
const browser = await chromium.launch({ executablePath, args: ["--no-sandbox"] });

function check(ok, what) {
  if (!ok) throw new Error(what);
  console.log("ok: " + what);
}

async function login(page, email) {
  await page.locator("input[type=email]").fill(email);
  await page.locator("input[type=password]").fill(password);
  await page.getByRole("button", { name: "Sign in" }).click();
}

async function allowed(page) {
  await page.locator("button[value=allow]").click();
  await page.waitForURL("**/oauth/done?*#done");
  check(await page.getByRole("heading", { name: "You are signed in" }).isVisible(), "the landing page says that it worked");
  check((await page.locator(".outcome:visible").count()) === 1, "and nothing else");
}

// connected waits until the server is connected for whoever is signed in on the page.
async function connected(page) {
  for (let tries = 0; tries < 200; tries++) {
    const status = await page.evaluate(async () => (await fetch("/api/mcp/connection/status/mail")).json());
    if (status.connectionStatus === "connected") return;
    await page.waitForTimeout(50);
  }
  throw new Error("the server is not connected");
}

try {
  const one = await browser.newContext();
  const page = await one.newPage();
  const problems = [];
  page.on("console", (message) => message.type() === "error" && !message.location().url.endsWith("/favicon.ico") && problems.push(message.text()));
  await page.goto(link);
  check(page.url().includes("/login?next="), "the link asks for a login first");
  await login(page, first);
  await page.waitForURL("**/authorize?*");
  await allowed(page);
  check(problems.length === 0, "no error in the console: " + problems.join("; "));
  await page.getByRole("link", { name: "Back to patchbay" }).click();
  await connected(page);
  check(true, "the server is connected");

  const two = await browser.newContext();
  const home = await two.newPage();
  await home.goto(url + "/login");
  await login(home, second);
  await home.waitForURL((now) => !now.pathname.endsWith("/login"));
  if ((await home.locator("#root").count()) > 0) await home.goto(url + "/servers"); // it opens with the chat
  // There is one server, so what the page shows is of it: the plain page and the built UI
  // have the same words.
  const row = home;
  // The plain page opens the sign-in at once; the built UI first says where it leads.
  const opened = two.waitForEvent("page");
  await row.getByRole("button", { name: "Authenticate" }).first().click();
  if ((await home.locator("#root").count()) > 0) await home.getByRole("link", { name: "Sign in to" }).click();
  const popup = await opened;
  await popup.waitForURL("**/authorize?*");
  check(await row.getByRole("button", { name: "Cancel" }).first().isVisible(), "it can be cancelled");
  const closed = popup.waitForEvent("close");
  await allowed(popup);
  await closed;
  check(true, "the window closes itself");
  await connected(home);
  check(true, "the page that opened it shows the connection");

  const script = await browser.newContext({ javaScriptEnabled: false });
  const plain = await script.newPage();
  await plain.goto(url + "/oauth/done?serverName=mail#denied");
  check(await plain.getByRole("heading", { name: "The sign-in was refused" }).isVisible(), "the landing page works without scripts");
} finally {
  await browser.close();
}
