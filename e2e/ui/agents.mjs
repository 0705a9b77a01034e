// Builds agents with three of forty-one tools and chats with them: by mouse, by keyboard
// alone, and on a phone; looks at every page that is new with it.
import { check, end, hands, owes, person, reach, shot, signUp, step, url } from "./drive.mjs";

const context = await person();
const page = await context.newPage();
const button = (name, options) => page.getByRole("button", { name, ...options });
const tools = ["tool_03", "tool_07", "tool_40"];

await step("set up", () => signUp(page), page, true);

const { byMouse, byKeys } = hands(page);

async function build(name, hand) {
  await page.goto(`${url}/agents`);
  await hand.press(page.getByRole("link", { name: "New agent" }).first());
  await page.waitForURL("**/agents/new");
  await hand.type(page.getByLabel("Name", { exact: true }), name);
  await hand.type(page.getByLabel("Instructions"), "Use your tools.");
  await hand.pick(page.getByLabel("Provider"), "Scripted");
  await hand.press(button("Add Tools"));
  const dialog = page.getByRole("dialog", { name: "Add Tools" });
  await hand.press(dialog.getByRole("button", { name: "Add Forty-one" }));
  await dialog.getByText("Added", { exact: true }).waitFor();
  await hand.press(dialog.getByRole("button", { name: "Done" }));
  await dialog.waitFor({ state: "detached" });
  // The focus comes back a moment after the dialog is gone.
  const focused = await page.waitForFunction(() => document.activeElement?.tagName !== "BODY", undefined, { timeout: 5000 }).then(() => true, () => false);
  check(focused, `${name}: the focus is lost after the dialog`);
  await hand.press(button(/Forty-one\s*41 of 41 tools/));
  await hand.tick(page.getByRole("checkbox", { name: "All 41 tools of now" }));
  for (const t of tools) await hand.tick(page.getByRole("checkbox", { name: t, exact: true }));
  await button(/Forty-one\s*3 of 41 tools/).waitFor();
  await hand.press(button("Create agent"));
  await page.waitForURL(/\/agents\/[0-9a-f-]{36}$/);
  await page.reload();
  await button(/Forty-one\s*3 of 41 tools/).waitFor();
}

async function chat(hand) {
  await hand.press(page.getByRole("link", { name: "Chat with it" }));
  await page.waitForURL("**/c/new?agent=**");
  const field = page.getByRole("textbox", { name: /message/i });
  await field.waitFor();
  await reach(page, field);
  await page.keyboard.type("Use tool seven.");
  await page.keyboard.press("Enter");
  await page.getByText("Tool seven answered.").waitFor();
  await page.waitForURL(/\/c\/[0-9a-f-]{36}/);
  const offered = await page.evaluate(async () => {
    const runs = await (await fetch(`/api/conversations/${location.pathname.split("/").pop()}/messages`)).json();
    const run = runs.data.findLast((m) => m.run)?.run.id;
    return (await (await fetch(`/api/runs/${run}/offered`)).json()).data[0].tools;
  });
  const named = tools.filter((t) => offered.some((o) => o.includes(t)));
  check(named.length === 3 && offered.filter((o) => o.includes("tool_")).length === 3, `offered were ${offered.join(", ")}`);
}

await step("build an agent by mouse", () => build("By mouse", byMouse), page);
await step("chat with it", () => chat(byMouse), page);
await step("build an agent by keyboard", () => build("By keys", byKeys), page);
await step("chat with it by keyboard", () => chat(byKeys), page);
await page.setViewportSize({ width: 390, height: 844 });
await step("build an agent on a phone", () => build("On a phone", byMouse), page);
await step("chat with it on a phone", async () => {
  await button("Try it").click();
  await chat(byMouse);
}, page);
await page.setViewportSize({ width: 1280, height: 800 });

await step("an agent has versions, copies and an end", async () => {
  await page.goto(`${url}/agents?q=mouse`);
  await page.getByRole("link", { name: "By mouse", exact: true }).click();
  await page.getByLabel("Name", { exact: true }).fill("Renamed");
  await page.getByRole("link", { name: "All agents" }).click();
  await page.getByRole("dialog", { name: "Leave without saving?" }).getByRole("button", { name: "Stay" }).click();
  await button("Save").click();
  await page.getByRole("heading", { level: 1, name: "Renamed" }).waitFor();
  await button("Versions").click();
  await button("Go back to version 1").click();
  await page.getByRole("heading", { level: 1, name: "By mouse" }).waitFor();
  await button("Duplicate").click();
  await page.getByText("Duplicated: this is the copy").waitFor();
  await button("Delete").click();
  await page.getByRole("dialog").getByRole("button", { name: "Delete" }).click();
  await page.waitForURL("**/agents");
}, page);

await step("an edit of something older is asked about", async () => {
  await page.goto(`${url}/agents?q=mouse`);
  await page.getByRole("link", { name: "By mouse", exact: true }).click();
  await page.getByLabel("Name", { exact: true }).fill("Mine");
  await page.evaluate(() => fetch(`/api/agents/${location.pathname.split("/").pop()}`, { method: "PATCH", headers: { "Content-Type": "application/json" }, body: '{"name":"Theirs"}' }));
  await button("Save").click();
  const dialog = page.getByRole("dialog", { name: "Changed elsewhere meanwhile" });
  await dialog.waitFor();
  await shot(page, "agent-stale");
  await dialog.getByRole("button", { name: "Reload" }).click();
  await page.getByRole("heading", { level: 1, name: "Theirs" }).waitFor();
}, page);

await step("a key goes in and never comes out", async () => {
  await page.goto(`${url}/settings/keys`);
  await button("Set key for Yours").click();
  await page.getByLabel("Key", { exact: true }).fill("fake-key-for-tests");
  await page.getByLabel("Expires").selectOption({ label: "In a week" });
  await button("Store key").click();
  await page.getByText("Your key", { exact: false }).waitFor();
  check(!(await page.content()).includes("fake-key-for-tests"), "a key is in the page");
  await shot(page, "key-set");
  await button("Remove the key for Yours").click();
  await page.getByRole("dialog").getByRole("button", { name: "Remove" }).click();
  await page.getByText("Needs a key of yours.").waitFor();
}, page);

await step("the administrator's way, by keyboard on a phone", async () => {
  await page.setViewportSize({ width: 390, height: 844 });
  await page.goto(`${url}/admin/users`);
  await byKeys.press(button("Add a person"));
  await byKeys.type(page.getByLabel("E-mail"), "bo@example.com");
  await byKeys.type(page.getByLabel("Password", { exact: true }), "another long one");
  await byKeys.press(button("Add", { exact: true }));
  const row = page.getByRole("listitem").filter({ hasText: "bo@example.com" });
  await byKeys.press(row.getByRole("button", { name: "Make administrator" }));
  await byKeys.press(page.getByRole("dialog").getByRole("button", { name: "Make administrator" }));
  await row.getByText("Administrator", { exact: true }).waitFor();
  await page.goto(`${url}/admin/system`);
  await page.getByText(/line \d+/).first().waitFor();
  check(await page.getByText("no-such-key", { exact: false }).first().isVisible(), "the mistake is not named");
  await page.setViewportSize({ width: 1280, height: 800 });
}, page);

const first = await page.evaluate(async () => (await (await fetch("/api/agents?limit=1")).json()).data[0].id);
for (const [name, path, text] of [
  ["agents", "/agents", "New agent"],
  ["agents-none", "/agents?q=zzzz", "No agent matches."],
  ["agent-new", "/agents/new", "What it is"],
  ["agent", `/agents/${first}`, "One entry for each server"],
  ["agent-missing", "/agents/00000000-0000-7000-8000-000000000000", "There is no page"],
  ["keys", "/settings/keys", "Needs a key of yours."],
  ["approvals", "/settings/approvals", "Nothing is approved ahead"],
  ["server-log", "/servers/forty-one?tab=log", "Connected."],
]) {
  await step(`page ${name}`, async () => {
    await page.goto(url + path);
    await page.getByText(text, { exact: false }).locator("visible=true").first().waitFor();
    await owes(page, name);
  }, page);
}

await end();
