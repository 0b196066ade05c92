import { lookupOrder } from "./lookup";

const LIMIT = 50000;

export async function refund(args: { order_id: string; amount: number }): Promise<{ refunded: number }> {
  const order = await lookupOrder({ order_id: args.order_id });
  const amount = checked(args.amount, order.total);
  return { refunded: amount };
}

export function checked(amount: number, total: number): number {
  if (amount > total) {
    throw new RangeError(`refund of ${amount} is more than ${total}`);
  }
  return Math.min(amount, LIMIT);
}
