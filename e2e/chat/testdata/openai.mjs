// What OpenAI's own client makes of /v1; it prints what it saw as JSON.
import OpenAI from "openai";

const saw = { errors: [] };
const client = new OpenAI({ maxRetries: 0 });
const ids = async (c) => {
  const list = [];
  for await (const m of c.models.list()) list.push(m.id);
  return list;
};
saw.models = await ids(client);
saw.annsModels = await ids(new OpenAI({ apiKey: process.env.ANN, maxRetries: 0 }));

const tools = [{ type: "function", function: { name: "weather", description: "The weather of a city", parameters: { type: "object", properties: { city: { type: "string" } } } } }];
const messages = [{ role: "user", content: "Who am I, and what is the weather in Rome?" }];
const ask = { model: "box/fake-large", messages, tools, mcp_servers: ["one", "two"], stream_options: { include_usage: true } };
const first = await client.chat.completions.stream(ask).finalChatCompletion();
saw.finish = first.choices[0].finish_reason;
saw.calls = first.choices[0].message.tool_calls;
saw.usage = first.usage;
messages.push(first.choices[0].message, { role: "tool", tool_call_id: saw.calls[0].id, content: "sunny, 30 degrees" });
saw.text = "";
for await (const chunk of await client.chat.completions.create({ ...ask, stream: true })) saw.text += chunk.choices[0]?.delta.content ?? "";
const agent = await client.chat.completions.create({ model: process.env.AGENT, messages: [{ role: "user", content: "Who are you?" }] });
saw.agent = agent.choices[0].message.content;

const fails = async (c, model) => {
  try {
    await c.chat.completions.create({ model, messages: [{ role: "user", content: "x" }] });
    saw.errors.push("none");
  } catch (e) {
    saw.errors.push([e.constructor.name, e.code, e.param].filter(Boolean).join(" "));
  }
};
await fails(new OpenAI({ apiKey: "fake-and-unknown", maxRetries: 0 }), "box/fake-large");
await fails(new OpenAI({ apiKey: process.env.ANN, maxRetries: 0 }), process.env.AGENT);
await fails(client, "fake-large");
console.log(JSON.stringify(saw));
