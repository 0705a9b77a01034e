// The page where a sign-in at an MCP server ends. Which words are shown is decided by the
// address alone; this adds the server's name, and closes a window that a page opened.
"use strict";

const known = [...document.querySelectorAll(".outcome")].map((section) => section.id);
if (!known.includes(location.hash.slice(1))) location.replace("#failed");

const server = (new URLSearchParams(location.search).get("serverName") || "").slice(0, 100);
document.getElementById("server").textContent = server;
if (location.hash === "#done") {
  document.title = "Signed in – patchbay";
  setTimeout(() => window.close(), 1500);
}
