import type { Turn } from "./agent";

export interface Reply {
  text: string;
  tool?: { name: string; args: Record<string, unknown> };
}

const TIMEOUT_MS = 30000;

export async function complete(history: Turn[], tools: string[]): Promise<Reply> {
  const body = { messages: history, tools, max_tokens: 1024 };
  const response = await fetch(`${process.env.MODEL_URL}/v1/chat`, {
    method: "POST",
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
  if (!response.ok) {
    throw new Error(`model answered ${response.status}`);
  }
  return parse(await response.json());
}

export function parse(json: any): Reply {
  const choice = json.choices[0];
  const call = choice.message.tool_calls?.[0];
  if (!call) {
    return { text: choice.message.content };
  }
  return { text: "", tool: { name: call.function.name, args: JSON.parse(call.function.arguments) } };
}
