// Takes the pictures of README.md from the running product. shots_test.go says where they go.
import { join } from "node:path";
import { end, person, signUp, step, url } from "./drive.mjs";

const to = process.env.UI_PICTURES;
const context = await person({ viewport: { width: 1280, height: 800 }, deviceScaleFactor: 1.5 });
const page = await context.newPage();
const button = (name, options) => page.getByRole("button", { name, ...options });
const picture = (name) => page.screenshot({ path: join(to, `${name}.png`) });

// Cancelling lasts a moment; the menu is shown with a server in that moment.
await page.route(/\/api\/mcp\/servers\?/, async (route) => {
  const answer = await route.fetch();
  const body = await answer.json();
  const server = body.data?.find((s) => s.name === "drafts");
  if (server) Object.assign(server, { status: "cancelling", action: "none", reason: "", message: "The connect is being cancelled.", toolCount: 0 });
  await route.fulfill({ response: answer, json: body });
});

await step("set up", () => signUp(page), page, true);

await step("chat", async () => {
  await page.goto(`${url}/c/new`);
  await button(/^MCP servers/).click();
  await page.getByRole("dialog", { name: "MCP servers" }).getByRole("checkbox", { name: "Demo tools" }).check();
  await page.keyboard.press("Escape");
  await page.getByRole("textbox", { name: /message/i }).fill("Add the two numbers, list five powers, and tell me what went wrong.");
  await page.keyboard.press("Enter");
  await page.getByText("powers of five", { exact: false }).last().waitFor();
  await page.waitForTimeout(300);
  await picture("chat");
}, page);

await step("menu", async () => {
  await page.goto(`${url}/c/new`);
  await button(/^MCP servers/).click();
  const menu = page.getByRole("dialog", { name: "MCP servers" });
  for (const word of ["Connected", "Sign-in required", "Disconnected", "Initializing", "Error", "Cancelling"]) await menu.getByText(word, { exact: true }).first().waitFor();
  await picture("servers-menu");
}, page);

await step("configure", async () => {
  await page.goto(`${url}/servers?configure=weather`);
  await page.getByRole("dialog").getByLabel("Weather key", { exact: true }).waitFor();
  await picture("config-dialog");
}, page);

await step("agent", async () => {
  const id = await page.evaluate(async () => {
    const body = { name: "Release helper", description: "Writes release notes.", instructions: "Write short release notes from what changed.", provider: "Scripted", model: "fake-large", tools: [{ serverName: "demo", tools: ["add", "table", "now"] }, { serverName: "weather", all: true }] };
    return (await (await fetch("/api/agents", { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) })).json()).id;
  });
  await page.goto(`${url}/agents/${id}`);
  await button(/Demo tools\s*3 of/).click();
  await page.getByRole("checkbox", { name: "Add", exact: true }).waitFor();
  await page.getByRole("heading", { name: "Model", exact: true }).scrollIntoViewIfNeeded();
  await page.evaluate(() => window.scrollTo(0, 480));
  await picture("agent-builder");
}, page);

await end();
