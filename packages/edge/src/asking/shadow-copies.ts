/** A copy that began so long ago is over, whatever is known of it: a host ends what goes on after an answer without a word. */
const forgottenMs = 60_000

/** How many copies each route has under way, in this isolate. */
export class ShadowCopies {
  readonly #open = new Map<string, Set<{ at: number }>>()

  /** Makes one more, unless there are `most`; whether it did. */
  async run(route: string, most: number, copy: () => Promise<void>): Promise<boolean> {
    const at = Date.now()
    const open = this.#open.get(route) ?? new Set()
    for (const each of open) if (at - each.at >= forgottenMs) open.delete(each)
    if (open.size >= most) return false
    const one = { at }
    this.#open.set(route, open.add(one))
    try {
      await copy()
    } finally {
      open.delete(one)
      if (open.size === 0 && this.#open.get(route) === open) this.#open.delete(route)
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
