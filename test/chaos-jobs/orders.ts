/** Four digits, so that all orders are alike but for their number. */
export function orderName(number: number): string {
  return String(number).padStart(4, '0');
}

/** The file that a job is about. Its name stands in the first message of every agent. */
export function orderFile(order: string): Readonly<Record<string, string>> {
  const text = [
    `# Order ${order}`,
    '',
    `Order ${order} asks for 2 loaves of rye bread and a cake, by noon.`,
    `The guest of order ${order} likes the window and pays in cash.`,
    '',
  ];
  return { [`order-${order}.md`]: text.join('\n') };
}

/** Finds the order that a request to a model is about. */
export function orderOf(request: string): string | null {
  return /order-(\d{4})\.md/.exec(request)?.[1] ?? null;
}
