// The page to try the API: reads the OpenAPI description and makes a form of every
// operation. No library, and nothing is ever inserted as HTML.
"use strict";

const base = document.currentScript.dataset.base;

function el(tag, props, ...children) {
  const node = Object.assign(document.createElement(tag), props);
  node.append(...children);
  return node;
}

// example makes a body to begin with out of a schema.
function example(schema, all, depth = 0) {
  if (!schema || depth > 4) return null;
  if (schema.$ref) return example(all[schema.$ref.split("/").pop()], all, depth + 1);
  const type = Array.isArray(schema.type) ? schema.type.find((t) => t !== "null") : schema.type;
  if (type === "object") {
    const out = {};
    for (const name of schema.required || []) out[name] = example((schema.properties || {})[name], all, depth + 1);
    if (!schema.required && schema.properties && schema.properties.arguments) out.arguments = {};
    return out;
  }
  if (schema.enum) return schema.enum[0];
  return { string: "", integer: 0, number: 0, boolean: false, array: [] }[type] ?? {};
}

function field(id, name, hint, props, tag = "input") {
  const input = el(tag, { id, ...props });
  const label = el("label", { htmlFor: id }, name, hint ? el("span", { className: "hint" }, " – " + hint) : "");
  return { input, parts: [label, input] };
}

async function show(response, out) {
  const type = response.headers.get("Content-Type") || "";
  out.textContent = response.status + " " + response.statusText + "\n";
  if (type.includes("event-stream")) {
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    for (let part = await reader.read(); !part.done; part = await reader.read()) out.textContent += part.value;
    return;
  }
  const text = await response.text();
  try {
    out.textContent += JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    out.textContent += text;
  }
}

function operation(method, path, op, schemas) {
  const params = (op.parameters || []).map((p) => ({
    ...p,
    ...field(op.operationId + "-" + p.name, p.name, [p.in, p.required ? "required" : "", p.description].filter(Boolean).join(", "), { required: p.required, autocomplete: "off" }),
  }));
  const content = op.requestBody && op.requestBody.content["application/json"];
  const body = content && field(op.operationId + "-body", "Body", "JSON", { value: JSON.stringify(example(content.schema, schemas), null, 2), spellcheck: false }, "textarea");
  const out = el("pre", { hidden: true });
  out.setAttribute("role", "status");
  const form = el("form", {}, ...params.flatMap((p) => p.parts), ...(body ? body.parts : []), el("button", { type: "submit" }, "Send"), out);
  let running = null;
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (running) running.abort();
    running = new AbortController();
    let url = path;
    const query = new URLSearchParams();
    const headers = {};
    for (const p of params) {
      if (p.in === "path") url = url.replace("{" + p.name + "}", encodeURIComponent(p.input.value));
      else if (p.input.value !== "" && p.in === "query") query.append(p.name, p.input.value);
      else if (p.input.value !== "") headers[p.name] = p.input.value;
    }
    const token = document.getElementById("token").value.trim();
    if (token) headers.Authorization = "Bearer " + token;
    if (body) headers["Content-Type"] = "application/json";
    out.hidden = false;
    out.textContent = "…";
    try {
      const response = await fetch(base + url + (query.size ? "?" + query : ""), {
        method: method.toUpperCase(), headers, body: body ? body.input.value : undefined, signal: running.signal,
      });
      await show(response, out);
    } catch (err) {
      if (err.name !== "AbortError") out.textContent = "No answer: " + err.message;
    }
  });
  const inside = el("div", { className: "inside" }, el("p", {}, op.description || ""), form);
  const details = el("details", {}, el("summary", {}, el("span", { className: "method" }, method.toUpperCase()), el("span", { className: "path" }, path), el("span", {}, op.summary)), inside);
  details.dataset.text = (method + " " + path + " " + op.summary).toLowerCase();
  return details;
}

async function main() {
  const target = document.getElementById("operations");
  let doc;
  try {
    doc = await (await fetch(base + "/api/openapi.json")).json();
  } catch (err) {
    target.replaceChildren(el("p", { role: "alert" }, "The description cannot be loaded: " + err.message));
    return;
  }
  const groups = new Map();
  for (const [path, methods] of Object.entries(doc.paths)) {
    for (const [method, op] of Object.entries(methods)) {
      const tag = (op.tags || ["other"])[0];
      if (!groups.has(tag)) groups.set(tag, el("section", {}, el("h2", {}, tag)));
      groups.get(tag).append(operation(method, path, op, doc.components.schemas));
    }
  }
  target.replaceChildren(...groups.values());
  target.setAttribute("aria-busy", "false");
  document.getElementById("filter").addEventListener("input", (event) => {
    const text = event.target.value.toLowerCase();
    for (const d of target.querySelectorAll("details")) d.hidden = !d.dataset.text.includes(text);
  });
}

main();
