import { WeftError } from '@weft/adapters'

/** What vLLM has nothing for, whatever is composed. @param instead what to do */
export const notServedByVllm = (what: string, instead: string, param?: string) =>
  new WeftError('not_served_by_vllm', `This edge answers through vLLM, which does not ${what}. ${instead}`, { status: 422, ...(param && { param }) })

/** Text among soft prompts reaches vLLM as text: it must be read back as the same tokens. */
export const promptNotReadBack = () =>
  new WeftError(
    'prompt_not_read_back',
    'This prompt stands behind soft prompts, and vLLM would read it as other tokens than it has alone: it begins in the middle of a word of the composed text, or it is given as tokens that no text has. Begin it with a space or a line of its own, or give it as text.',
    { status: 422, param: 'prompt' },
  )

/** The isolate or vLLM has forgotten it: the edge composes it again. */
export const notHeldByVllm = (key: string) => new WeftError('composition_not_held', `This vLLM does not hold the composition ${key}.`, { status: 424 })

/** What vLLM refuses in its own words. */
export const refusedByVllm = (status: number, message: string) =>
  new WeftError('refused_by_vllm', `vLLM refused the request: ${message}`, { status, details: { vllm: message } })

export const nothingAsked = () =>
  new WeftError('empty_prompt', 'The prompt has no tokens, and no composed rows stand before it: there is nothing to continue. Send at least one token.', {
    param: 'prompt',
  })

/** Positions of the composition and the prompt together. */
export const tooLongForVllm = (needed: number, limit: number) =>
  new WeftError(
    'context_length_exceeded',
    `This model's maximum context length is ${limit} tokens (as its vLLM was started), and the composition and the prompt take ${needed}. Shorten the prompt or compose less.`,
    { param: 'prompt', details: { needed, limit } },
  )
