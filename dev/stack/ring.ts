/** Keeps the last `limit` items; older ones are forgotten. */
export class Ring<T> {
  readonly #limit: number;
  #items: T[] = [];

  constructor(limit: number) {
    this.#limit = limit;
  }

  push(item: T): void {
    this.#items.push(item);
    // Cut in large steps, so that a push stays cheap.
    if (this.#items.length >= 2 * this.#limit) this.#items = this.#items.slice(-this.#limit);
  }

  items(): T[] {
    return this.#items.slice(-this.#limit);
  }
}
