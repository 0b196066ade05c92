export interface Order {
  id: string;
  state: string;
  total: number;
}

export async function lookupOrder(args: { order_id: string }): Promise<Order> {
  const response = await fetch(`${process.env.API_URL}/v1/orders/${args.order_id}`);
  if (response.status === 404) {
    throw new Error(`order ${args.order_id} was not found`);
  }
  return toOrder(await response.json());
}

export function toOrder(json: any): Order {
  return { id: json.id, state: json.state.toUpperCase(), total: json.total };
}
