import type { ModelSession } from '@weft/session'
import type { edgeOverVllm } from './edge.ts'
import { exact, refused } from './table.ts'

type Edge = Awaited<ReturnType<typeof edgeOverVllm>>

/** One row of the capability table, and what came of it. */
export interface Compared {
  site: string
  composition: string
  expected: 'exact' | 'refused'
  /** Undefined where all is as expected. */
  wrong?: string
  /** The largest difference of the log-probabilities of the tokens chosen, and of the likeliest ones, in nats. */
  difference?: number
}

const prompt = 'The sea was'
const maxTokens = 8

/** Asks every row of the table, one by one or all at once, and holds exact ones against Weft's own engine. @param bound in nats */
export async function compareTable(edge: Edge, session: ModelSession, { bound, atOnce = false }: { bound: number; atOnce?: boolean }): Promise<Compared[]> {
  const checks = [...exact.map((row) => () => exactly(row)), ...refused.map((row) => () => refusing(row))]
  if (atOnce) return Promise.all(checks.map((check) => check()))
  const compared: Compared[] = []
  for (const check of checks) compared.push(await check())
  return compared

  async function exactly({ site, composition }: (typeof exact)[number]): Promise<Compared> {
    const of = { site, composition, expected: 'exact' as const }
    const ours = await session.generate(composition, prompt, { maxTokens, logprobs: 1 })
    const asked = { model: composition, prompt, max_tokens: maxTokens, temperature: 0, logprobs: 1 }
    const { status, choices, error, usage } = await edge.ask('/v1/completions', asked)
    if (status !== 200) return { ...of, wrong: `status ${status}: ${error?.message}` }
    const [{ text, logprobs, finish_reason: reason }] = choices
    if (text !== ours.text) return { ...of, wrong: `${JSON.stringify(text)} instead of ${JSON.stringify(ours.text)}` }
    if (reason !== ours.finishReason) return { ...of, wrong: `it ended by ${reason} instead of ${ours.finishReason}` }
    const counted = JSON.stringify([usage.prompt_tokens, usage.completion_tokens])
    const expected = JSON.stringify([ours.usage.promptTokens, ours.usage.completionTokens])
    if (counted !== expected) return { ...of, wrong: `tokens ${counted} instead of ${expected}` }
    const difference = Math.max(
      ...ours.logprobs!.flatMap(({ logprob, topLogprobs: [top] }, at) => [
        Math.abs(logprob - logprobs.token_logprobs[at]),
        Math.abs(top.logprob - Math.max(...Object.values<number>(logprobs.top_logprobs[at]))),
      ]),
    )
    const { backend } = await edge.ask('/v1/compositions/explain', { model: composition })
    const said = backend.sites.filter((each: { support: string }) => each.support !== 'exact')
    if (said.length > 0) return { ...of, difference, wrong: `explain says ${JSON.stringify(said)}` }
    return difference <= bound ? { ...of, difference } : { ...of, difference, wrong: `the log-probabilities differ by ${difference}` }
  }

  async function refusing({ site, composition, why }: (typeof refused)[number]): Promise<Compared> {
    const of = { site, composition, expected: 'refused' as const }
    const { status, error } = await edge.ask('/v1/completions', { model: composition, prompt, max_tokens: 1 })
    if (status !== 422 || error?.code !== 'site_not_served' || !why.test(error.message)) return { ...of, wrong: `status ${status}: ${JSON.stringify(error)}` }
    const { backend } = await edge.ask('/v1/compositions/explain', { model: composition })
    const said = site === 'outputs' ? backend.outputs : backend.sites.find((each: { site: string }) => each.site === site)
    return said?.support === 'refused' && why.test(said.why) ? of : { ...of, wrong: `explain says ${JSON.stringify(said)}` }
  }
}
