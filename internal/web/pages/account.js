// The form of /login and /setup: sends it as JSON, shows what is wrong beside its field,
// and goes on when it worked. The login itself is a cookie that scripts cannot read.
"use strict";

const form = document.getElementById("form");
const alertBox = document.getElementById("alert");
const button = form.querySelector("button");

// The setup link carries its token behind the #, which never leaves the browser by
// itself; it is taken out of the address so that it stays in no history.
const tokenField = document.getElementById("token");
if (tokenField) {
  tokenField.value = new URLSearchParams(location.hash.slice(1)).get("token") || "";
  if (location.hash) history.replaceState(null, "", location.pathname);
  document.getElementById("token-part").hidden = tokenField.value !== "";
  document.getElementById(tokenField.value ? "name" : "token").focus();
}

// next is where the person was going: a path of ours, nothing else.
function next() {
  const wanted = new URLSearchParams(location.search).get("next") || "";
  const here = new URL(form.dataset.then, location.origin);
  try {
    const there = new URL(wanted, here);
    if (wanted.startsWith("/") && there.origin === here.origin) return there.href;
  } catch {
    // not an address: go to the start
  }
  return here.href;
}

function mark(input, message) {
  input.setAttribute("aria-invalid", message ? "true" : "false");
  const line = document.getElementById(input.id + "-wrong");
  if (line) line.textContent = message;
}

function show(answer, response) {
  let first = null;
  for (const field of answer.fields || []) {
    const input = form.elements.namedItem(field.path.replace(/^body\./, ""));
    if (!input) continue;
    mark(input, field.message);
    first ||= input;
  }
  if (tokenField && answer.code !== "invalid") document.getElementById("token-part").hidden = false;
  const wait = Number(response.headers.get("Retry-After"));
  alertBox.textContent = (answer.error || "Something went wrong (HTTP " + response.status + ").") +
    (response.status === 429 && wait ? " Try again in " + wait + " seconds." : "");
  (first || form.querySelector("[type=password]")).focus();
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  if (button.getAttribute("aria-busy") === "true") return;
  button.setAttribute("aria-busy", "true");
  alertBox.textContent = "";
  for (const input of form.querySelectorAll("input")) mark(input, "");
  try {
    const response = await fetch(form.action, {
      method: "POST",
      headers: { "Content-Type": "application/json", Accept: "application/json" },
      body: JSON.stringify(Object.fromEntries(new FormData(form))),
    });
    if (response.ok) {
      location.replace(next());
      return;
    }
    show(await response.json().catch(() => ({})), response);
  } catch {
    alertBox.textContent = "No answer from the server. Is it running?";
  }
  button.setAttribute("aria-busy", "false");
});
