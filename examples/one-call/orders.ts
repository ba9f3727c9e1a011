/** A customer's order, as the shop's own system would tell it. */
interface Order {
  readonly product: string;
  readonly price: string;
  readonly country: string;
  readonly status: 'placed' | 'packed' | 'shipped' | 'delivered';
  readonly daysSinceDelivery: number | null;
}

/** The shop's orders by number. */
export const orders: Readonly<Record<string, Order>> = {
  '4711': { product: 'Heron', price: '119 €', country: 'Germany', status: 'delivered', daysSinceDelivery: 3 },
  '4712': { product: 'Owl', price: '39 €', country: 'France', status: 'delivered', daysSinceDelivery: 41 },
  '4713': { product: 'Rook', price: '89 €', country: 'Austria', status: 'packed', daysSinceDelivery: null },
};
