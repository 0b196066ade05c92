import { lookupOrder } from "./lookup";
import { refund } from "./refund";

type Tool = (args: any) => Promise<unknown>;

const TOOLS: Record<string, Tool> = {
  lookup_order: lookupOrder,
  refund_order: refund,
};

export function toolNames(): string[] {
  return Object.keys(TOOLS);
}

export async function runTool(name: string, args: unknown): Promise<unknown> {
  const tool = TOOLS[name];
  if (!tool) {
    throw new Error(`no tool named ${name}`);
  }
  return tool(args);
}
