// The page without the built UI: your servers with their status, live, and what one can
// do about it. Nothing that comes from a server is ever inserted as HTML.
"use strict";

const base = document.currentScript.dataset.base;
const list = document.getElementById("servers");
const alertBox = document.getElementById("alert");
const rows = new Map();

const words = {
  connected: "Connected",
  initializing: "Connecting…",
  oauth_required: "Sign-in required",
  disconnected: "Disconnected",
  error: "Error",
  cancelling: "Cancelling…",
};
const verbs = { initialize: "Initialize", retry: "Try again", authenticate: "Authenticate", cancel: "Cancel" };

function el(tag, props, ...children) {
  const node = Object.assign(document.createElement(tag), props);
  node.append(...children);
  return node;
}

// plain returns the text of a description: it may hold links, which are shown as text.
function plain(html) {
  return new DOMParser().parseFromString(html || "", "text/html").body.textContent;
}

class APIError extends Error {
  constructor(status, body) {
    super(body.error || "HTTP " + status);
    this.status = status;
  }
}

async function api(method, path, body) {
  const response = await fetch(base + path, {
    method,
    headers: body ? { "Content-Type": "application/json" } : {},
    body: body ? JSON.stringify(body) : undefined,
  });
  const answer = await response.json().catch(() => ({}));
  if (!response.ok) throw new APIError(response.status, answer);
  return answer;
}

async function attempt(button, action) {
  if (button.getAttribute("aria-busy") === "true") return;
  button.setAttribute("aria-busy", "true");
  alertBox.textContent = "";
  try {
    await action();
  } catch (err) {
    alertBox.textContent = err.message;
  }
  button.setAttribute("aria-busy", "false");
}

function icon(server) {
  const initials = el("span", { className: "icon" }, (server.title || server.name).slice(0, 2).toUpperCase());
  initials.setAttribute("aria-hidden", "true");
  if (!server.icon) return initials;
  const img = el("img", { className: "icon", src: server.icon, alt: "" });
  img.addEventListener("error", () => img.replaceWith(initials), { once: true });
  return img;
}

function variables(server) {
  const names = Object.keys(server.customUserVars || {});
  if (names.length === 0) return "";
  const path = "/api/mcp/" + encodeURIComponent(server.name) + "/auth-values";
  const form = el("form", { autocomplete: "off" });
  const inputs = names.map((name) => {
    const v = server.customUserVars[name];
    const declared = typeof v === "string" ? { title: v } : v;
    const id = "var-" + server.name + "-" + name;
    const hint = el("p", { className: "hint", id: id + "-hint" });
    const input = el("input", { id, name, type: declared.sensitive ? "password" : "text", autocomplete: "off", spellcheck: false });
    input.setAttribute("aria-describedby", hint.id);
    hint.dataset.about = plain(declared.description);
    form.append(el("label", { htmlFor: id }, declared.title || name), input, hint);
    return { name, input, hint };
  });
  const save = el("button", { type: "submit" }, "Save");
  form.append(save);
  const show = ({ authValueFlags }) => {
    for (const { name, input, hint } of inputs) {
      input.value = "";
      hint.textContent = [authValueFlags[name] ? "Set." : "Not set.", hint.dataset.about].filter(Boolean).join(" ");
    }
  };
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const authValues = Object.fromEntries(inputs.filter((i) => i.input.value !== "").map((i) => [i.name, i.input.value]));
    attempt(save, async () => show(await api("PUT", path, { authValues })));
  });
  const details = el("details", {}, el("summary", {}, "Variables"), form);
  details.addEventListener("toggle", () => details.open && attempt(save, async () => show(await api("GET", path))));
  return details;
}

function row(server) {
  const status = el("span", { className: "status" });
  const message = el("p", { className: "hint" });
  const button = el("button", { type: "button" });
  const cancel = el("button", { type: "button", hidden: true }, "Cancel");
  const link = el("p", { className: "hint", hidden: true });
  const vars = variables(server);
  const name = server.title || server.name;
  const path = "/api/mcp/" + encodeURIComponent(server.name);
  const refresh = async () => update(await api("GET", "/api/mcp/connection/status/" + encodeURIComponent(server.name)));
  cancel.setAttribute("aria-label", "Cancel " + name);
  cancel.addEventListener("click", () => attempt(cancel, async () => {
    await api("POST", "/api/mcp/oauth/cancel/" + encodeURIComponent(server.name));
    await refresh();
  }));
  button.addEventListener("click", () => {
    // The window is opened by the click itself, or the browser takes it for a popup.
    const target = button.textContent === verbs.authenticate ? window.open("", "_blank") : null;
    return attempt(button, async () => {
      let answer;
      try {
        answer = await api("POST", path + "/reinitialize");
      } catch (err) {
        if (target) target.close();
        throw err;
      }
      if (answer.oauthUrl) signIn(target, answer);
      else {
        if (target) target.close();
        if (!answer.success) alertBox.textContent = name + ": " + answer.message;
      }
      await refresh();
    });
  });
  // signIn leads the new window to the provider; the link does the same where it could not
  // be opened, and can be copied.
  const signIn = (target, { oauthUrl, provider }) => {
    link.replaceChildren(el("a", { href: oauthUrl, target: "_blank", rel: "opener" }, "Sign in at " + (provider || "the provider")));
    link.hidden = false;
    if (target) target.location.replace(oauthUrl);
  };
  const item = el("li", { className: "server" },
    el("div", { className: "top" }, icon(server), el("h2", {}, name), status, button, cancel),
    el("p", {}, server.description || ""), message, link, vars);
  const update = (st) => {
    status.className = "status " + st.status;
    status.textContent = words[st.status] || st.status;
    message.textContent = st.message;
    button.textContent = (st.action !== "cancel" && verbs[st.action]) || "Reconnect";
    button.hidden = st.action === "cancel" || (!(st.action in verbs) && st.status !== "connected");
    button.setAttribute("aria-label", button.textContent + " " + name);
    if (st.status !== "oauth_required") link.hidden = true;
    cancel.hidden = st.action !== "cancel" && link.hidden;
    if (st.action === "configure" && vars) vars.open = true;
  };
  update(server);
  rows.set(server.name, update);
  return item;
}

async function load() {
  const items = [];
  let after = "";
  do {
    const page = await api("GET", "/api/mcp/servers?limit=100" + (after && "&after=" + encodeURIComponent(after)));
    items.push(...page.data);
    after = page.has_more ? page.after : "";
  } while (after);
  rows.clear();
  list.replaceChildren(...items.map(row));
  document.getElementById("count").textContent = items.length === 1 ? "1 server" : items.length + " servers";
}

function follow() {
  const events = new EventSource(base + "/api/events");
  events.addEventListener("status", (event) => {
    const st = JSON.parse(event.data);
    const update = rows.get(st.serverName);
    if (update) update(st);
  });
  for (const kind of ["reset", "config"]) events.addEventListener(kind, () => load().catch(() => {}));
}

async function main() {
  let user;
  try {
    user = await api("GET", "/api/user");
  } catch (err) {
    if (err.status === 401) document.getElementById("signin").hidden = false;
    else alertBox.textContent = err.message;
    return;
  }
  document.getElementById("who").textContent = user.name || user.email;
  const signout = document.getElementById("signout");
  signout.hidden = false;
  signout.addEventListener("click", () => attempt(signout, async () => {
    await api("POST", "/api/auth/logout");
    location.reload();
  }));
  document.getElementById("mine").hidden = false;
  await load();
  follow();
}

main().catch((err) => { alertBox.textContent = err.message; });
