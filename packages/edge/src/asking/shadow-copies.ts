/** How many copies each route has under way, in this isolate. */
export class ShadowCopies {
  readonly #open = new Map<string, number>()

  /** Makes one more, unless there are `most`; whether it did. */
  async run(route: string, most: number, copy: () => Promise<void>): Promise<boolean> {
    const open = this.#open.get(route) ?? 0
    if (open >= most) return false
    this.#open.set(route, open + 1)
    try {
      await copy()
    } finally {
      const left = this.#open.get(route)! - 1
      if (left === 0) this.#open.delete(route)
      else this.#open.set(route, left)
    }
    return true
  }
}

/** Reads an answer to its end, as its client would have, whatever parts it comes in. */
export async function drain(answer: unknown): Promise<void> {
  if (answer === null || typeof answer !== 'object') return
  if (Symbol.asyncIterator in answer) for await (const _ of answer as AsyncIterable<unknown>);
  else if (Array.isArray(answer)) await Promise.all(answer.map(drain))
}
