import { complete } from "./model";
import { runTool, toolNames } from "./tools/index";

export interface Turn {
  role: "user" | "assistant" | "tool";
  text: string;
}

export async function answer(question: string, turns: Turn[] = []): Promise<string> {
  const history = turns.concat({ role: "user", text: question });
  for (let step = 0; step < 6; step++) {
    const reply = await complete(history, toolNames());
    if (!reply.tool) {
      return reply.text;
    }
    const result = await runTool(reply.tool.name, reply.tool.args);
    history.push({ role: "tool", text: JSON.stringify(result) });
  }
  throw new Error("agent gave up after 6 steps");
}

export function summary(turns: Turn[]): string {
  const last = turns[turns.length - 1];
  return last.text.slice(0, 80);
}
