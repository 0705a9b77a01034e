// Adds servers, tries and shares them: by mouse, by keyboard alone, and on a phone. An
// administrator gives one to a person by a group, who uses it; another does not see it.
import { check, end, hands, owes, person, reach, shot, signUp, step, url } from "./drive.mjs";

const { UI_ECHO: echo, UI_PROTECTED: guarded } = process.env;
const context = await person();
const page = await context.newPage();
const { byMouse, byKeys } = hands(page);
const button = (name, options) => page.getByRole("button", { name, ...options });
const post = (on, path, body) => on.evaluate(async ([p, b]) => (await fetch(p, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(b) })).status, [path, body]);
const password = "another long one";

await step("set up, with two more people", async () => {
  await signUp(page);
  for (const name of ["Bo", "Cy"]) check((await post(page, "/api/users", { email: `${name.toLowerCase()}@example.com`, name, password })) === 201, `${name} has no account`);
}, page, true);

async function other(name) {
  const tab = await (await person()).newPage();
  await tab.goto(`${url}/login`);
  await post(tab, "/api/auth/login", { email: `${name}@example.com`, password });
  return tab;
}
const [bo, cy] = [await other("bo"), await other("cy")];

await step("a group, and who is in it", async () => {
  await page.goto(`${url}/admin/groups`);
  await button("New group").first().click();
  await page.getByLabel("Name", { exact: true }).fill("Team");
  await button("Make group").click();
  const dialog = page.getByRole("dialog", { name: "Members of Team" });
  await dialog.getByRole("searchbox").fill("bo@");
  await dialog.getByRole("button", { name: /Add Bo/ }).click();
  await dialog.getByRole("list", { name: "Members" }).getByText("bo@example.com").waitFor();
  check((await page.getByRole("alert").count()) === 0, "an answer without a body is an error");
  await shot(page, "group-members");
  await page.keyboard.press("Escape");
  await dialog.waitFor({ state: "detached" });
  await page.getByText("1 member ·").waitFor();
  await owes(page, "groups");
}, page);

async function add(title, hand) {
  await page.goto(`${url}/servers`);
  await hand.press(page.getByRole("link", { name: "Add server" }).first());
  await page.waitForURL("**/servers/new");
  await hand.press(button("Paste JSON"));
  const dialog = page.getByRole("dialog", { name: "Paste a block of servers" });
  const block = dialog.getByLabel("JSON");
  await block.waitFor();
  await block.fill(JSON.stringify({ mcpServers: { [title]: { type: "http", url: echo, headers: { "X-Api-Key": "fake-key-of-ada" } } } }));
  await hand.press(dialog.getByRole("button", { name: "Fill in the form" }));
  await dialog.waitFor({ state: "detached" });
  check((await page.evaluate(() => document.activeElement?.tagName)) !== "BODY", `${title}: the focus is lost after the dialog`);
  await hand.press(button("Test connection"));
  await page.getByText("Everything is in order.").waitFor();
  await page.getByText(/The server offers \d+ tool/).waitFor();
  await hand.press(button("Add server"));
  await page.getByRole("heading", { level: 1, name: title }).waitFor();
}

async function share(find, pick, hand) {
  await hand.press(page.getByRole("link", { name: "Share", exact: true }));
  await hand.type(page.getByRole("searchbox"), find);
  await hand.press(button(pick));
  await page.getByText(/can use its tools, but cannot see its address/).waitFor();
  check((await page.evaluate(() => document.activeElement?.value)) === "USE", "who was added is not where one goes on");
  await hand.press(button("Save", { exact: true }));
  await page.getByText("Saved: it holds from now on").waitFor();
}

const listed = (tab, title) => tab.getByRole("link", { name: title, exact: true });

await step("add, test and share with a group, by mouse", async () => {
  await add("Notes", byMouse);
  await share("team", /Add Team/, byMouse);
}, page);

await step("whoever is in the group uses it, nobody else sees it", async () => {
  await bo.goto(`${url}/playground/notes/whoami`);
  await bo.getByRole("button", { name: "Initialize" }).click();
  await bo.getByRole("button", { name: "Run" }).click();
  await bo.getByText("fake-key-of-ada", { exact: false }).first().waitFor(); // the echo tells what it was sent
  await bo.goto(`${url}/servers/notes`);
  await bo.getByRole("heading", { level: 1, name: "Notes" }).waitFor();
  check((await bo.getByRole("link", { name: "Edit", exact: true }).count()) === 0 && (await bo.getByRole("link", { name: "Definition" }).count()) === 0, "USE shows more than tools");
  check(!(await bo.content()).includes("fake-key-of-ada"), "USE shows a secret");
  await cy.goto(`${url}/servers`);
  await listed(cy, "From the file").waitFor();
  check((await listed(cy, "Notes").count()) === 0, "somebody outside the group sees it");
  await cy.goto(`${url}/servers/notes`);
  await cy.getByText("There is no page", { exact: false }).waitFor();
  await bo.goto(`${url}/servers`);
  await listed(bo, "Notes").waitFor();
}, bo);

await step("add, test and share with a person, by keyboard", async () => {
  await add("By keys", byKeys);
  await share("cy@", /Add Cy/, byKeys);
  await listed(cy, "By keys").waitFor({ timeout: 1 }).catch(() => cy.goto(`${url}/servers`));
  await listed(cy, "By keys").waitFor();
}, page);

await step("add, test and share on a phone", async () => {
  await page.setViewportSize({ width: 390, height: 844 });
  await add("On a phone", byMouse);
  await shot(page, "server-made-390");
  await share("bo@", /Add Bo/, byMouse);
  await page.setViewportSize({ width: 1280, height: 800 });
}, page);

await step("what is taken away is gone", async () => {
  await bo.goto(`${url}/servers`);
  await listed(bo, "On a phone").waitFor();
  await button("Remove Bo").click();
  await button("Save", { exact: true }).click();
  await page.getByText("It is shared with nobody", { exact: false }).waitFor();
  await listed(bo, "On a phone").waitFor({ state: "detached" }); // by an event, without a click
}, page);

await step("mistakes are at their fields", async () => {
  await page.goto(`${url}/servers/new`);
  await button("Add server").click();
  await page.getByText("Give the address of the server.").waitFor();
  check((await page.evaluate(() => document.activeElement?.getAttribute("name"))) === "url", "the focus is not on what is wrong");
  await page.getByLabel("URL", { exact: true }).fill("http://10.1.2.3/mcp");
  await page.getByLabel("Title", { exact: true }).fill("Notes");
  await button("Add server").click();
  await page.getByText(/allowedAddresses/).waitFor();
  await shot(page, "server-refused", { fullPage: true });
  await page.getByLabel("URL", { exact: true }).fill(echo);
  await button("Add server").click();
  await page.getByText("Is taken.").waitFor();
  await page.getByRole("link", { name: "All servers" }).click();
  await page.getByRole("dialog", { name: "Leave without saving?" }).getByRole("button", { name: "Leave" }).click();
  await page.waitForURL("**/servers");
}, page);

await step("sign-in is found out, with the redirect URI before saving", async () => {
  await page.goto(`${url}/servers/new`);
  await page.getByLabel("URL", { exact: true }).fill(guarded);
  await page.getByLabel("Title", { exact: true }).fill("Guarded");
  await button("Test connection").click();
  await page.getByText("wants each person to sign in", { exact: false }).waitFor();
  await page.getByText(`${url}/api/mcp/guarded/oauth/callback`).waitFor();
  await owes(page, "server-new-oauth");
  await button("Add server").click();
  await page.getByRole("heading", { level: 1, name: "Guarded" }).waitFor();
}, page);

await step("an edit keeps secrets, says what it forgets, and is not lost", async () => {
  await page.goto(`${url}/servers/notes`);
  await page.getByRole("link", { name: "Edit", exact: true }).click();
  await page.getByText("Set · Leave empty to keep").waitFor();
  check(!(await page.content()).includes("fake-key-of-ada"), "a secret is in the page");
  await page.getByLabel("Description").fill("Mine");
  await page.evaluate(() => fetch("/api/mcp/servers/notes", { method: "PATCH", headers: { "Content-Type": "application/json" }, body: '{"description":"Theirs"}' }));
  await button("Save", { exact: true }).click();
  const dialog = page.getByRole("dialog", { name: "Changed elsewhere meanwhile" });
  await dialog.waitFor();
  await shot(page, "server-stale");
  await dialog.getByRole("button", { name: "Reload" }).click();
  await page.waitForFunction(() => document.querySelector("[name=description]")?.value === "Theirs");
  await page.getByLabel("URL", { exact: true }).fill(`${echo}?elsewhere`);
  await page.getByText("Forgotten unless you type it again: X-Api-Key", { exact: false }).waitFor();
  await shot(page, "server-edit", { fullPage: true });
  await button("Save", { exact: true }).click();
  await page.getByText("so secrets were forgotten", { exact: false }).waitFor();
}, page);

await step("delete says what goes", async () => {
  await page.goto(`${url}/servers/notes`);
  await reach(page, button("Delete", { exact: true }));
  await page.keyboard.press("Enter");
  const dialog = page.getByRole("dialog", { name: "Delete Notes?" });
  await dialog.getByText("with 1 person, group or role").waitFor();
  await shot(page, "server-delete");
  await dialog.getByRole("button", { name: "Delete" }).click();
  await page.waitForURL("**/servers");
  await listed(page, "By keys").waitFor();
  check((await listed(page, "Notes").count()) === 0, "a deleted server is still listed");
}, page);

await step("every part of the form", async () => {
  await page.goto(`${url}/servers/new`);
  await page.getByRole("radio", { name: "API key" }).check();
  await page.getByLabel("How it is sent").selectOption("custom");
  await page.getByRole("radio", { name: "This text" }).check();
  for (const more of ["Add header", "Add a variable of each person"]) await button(more).click();
  check((await page.evaluate(() => document.activeElement?.name)) === "variables.0", "a new variable is not where one goes on");
  await page.getByText("Timeouts and chat menu").click();
  await owes(page, "server-new");
  await shot(page, "server-new-whole", { fullPage: true });
}, page);

for (const [name, path, text] of [
  ["server-made", "/servers/by-keys", "Made by a person"],
  ["server-share", "/servers/by-keys/share", "Cy can use its tools"],
]) {
  await step(`page ${name}`, async () => {
    await page.goto(url + path);
    await page.getByText(text, { exact: false }).locator("visible=true").first().waitFor();
    await owes(page, name);
  }, page);
}

await end();
