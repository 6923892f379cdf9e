import type { Plugin } from '@weft/methods'
import type { HeldModel } from '@weft/protocol'
import type { Inference } from '../../runner/inference.ts'

/** Tokens of a text by a base model's tokenizer; undefined where no runner says them now. */
type TokensOf = (text: string) => Promise<readonly number[] | undefined>

/** A few tokens are read at once or not at all. */
const timeoutMs = 5000

/** The edge has no tokenizer: a runner that scores a text tells which tokens it read. */
export const tokensAt =
  (inference: Pick<Inference, 'score'>, { name }: HeldModel): TokensOf =>
  async (text) => {
    const caller = { signal: AbortSignal.timeout(timeoutMs), until: Date.now() + timeoutMs }
    // Behind a prompt, since what begins a text may get a special token before it.
    const results = await inference.score({ model: name, composition: null, texts: [text], prompt: '.', logprobs: 0 }, caller).catch(() => [])
    const ids = results[0]?.logprobs?.map(({ id }) => id)
    return ids?.every((id) => id !== undefined) ? ids : undefined
  }

/**
 * That what a config says in text is something in tokens, and agrees with tokens that it says beside. Errors are the method's: of `lora` 400 `invalid_config`, 422
 * `invocation_empty`. Without a runner that says them nothing is known yet, and training checks it.
 */
export async function checkTexts(plugin: Plugin, config: unknown, tokensOf: TokensOf): Promise<void> {
  if (!plugin.tokenized) return
  const known = new Map<string, readonly number[]>()
  for (;;) {
    const asked = new Set<string>()
    const given = (text: string): readonly number[] => known.get(text) ?? (asked.add(text), [0])
    let failure: unknown
    try {
      plugin.tokenized(config, given)
    } catch (error) {
      failure = error
    }
    // What it makes of a text whose tokens were made up says nothing.
    if (asked.size === 0 && failure !== undefined) throw failure
    if (asked.size === 0) return
    for (const text of asked) {
      const tokens = await tokensOf(text)
      if (tokens === undefined) return
      known.set(text, tokens)
    }
  }
}
