import type { Usage } from '@weft/protocol'
import { invalidRequest, tooManyChoices } from '../errors.ts'

/** Answers of one request: each is a row of its own at the runner. */
const mostChoices = 128

/** How many answers each prompt gets. Errors 400 `invalid_request`: too many in all; a `best_of` that chooses from more than are given. */
export function choicesOf({ n, bestOf }: { n?: number | null | undefined; bestOf?: number | null | undefined }, prompts = 1): number {
  const each = n ?? 1
  if (typeof bestOf === 'number' && bestOf !== each)
    throw invalidRequest(`expected ${each}, as many as n: every answer is given, and none is chosen from more`, 'best_of')
  if (prompts * each > mostChoices) throw tooManyChoices(prompts * each, mostChoices)
  return each
}

/** `prompts` × `n` inputs, the answers to one prompt one after another; those with a seed count it up, so that each answer can be had again by itself. */
export const eachChoice = <P, I extends { seed?: number | undefined }>(prompts: readonly P[], n: number, input: (prompt: P) => I): I[] =>
  prompts.flatMap((prompt) =>
    Array.from({ length: n }, (_, i) => {
      const { seed, ...rest } = input(prompt)
      return { ...rest, ...(seed === undefined ? {} : { seed: seedOf(seed, i) }) } as I
    }),
  )

/** `seed + i`, within what JSON can tell from its neighbours. */
const seedOf = (seed: number, i: number): number => (seed > Number.MAX_SAFE_INTEGER - i ? seed - i : seed + i)

interface Answer {
  choices: { index: number }[]
  usage?: Usage | null | undefined
}

/** One answer of several, their choices numbered. @param n choices of each prompt */
export function mergedAnswer<A extends Answer>(answers: readonly A[], n: number): A {
  const choices = answers.flatMap((answer, index) => answer.choices.map((choice) => ({ ...choice, index })))
  return { ...answers[0]!, choices, usage: mergedUsage(new Map(answers.map(({ usage }, index) => [index, usage!])), n) }
}

/**
 * Several streams of chunks as one, in the order in which they come, their choices numbered; the usage of all of them comes last. One that fails
 * fails the whole.
 */
export async function* mergedChunks<C extends Answer & { id: string; created: number }>(streams: readonly AsyncGenerator<C>[], n: number): AsyncGenerator<C> {
  let head: Pick<C, 'id' | 'created'> | undefined
  let last: C | undefined
  const usages = new Map<number, Usage>()
  for await (const { index, chunk: arrived } of inTheOrderTheyCome(streams)) {
    const { id, created } = arrived
    const chunk = { ...arrived, ...(head ??= { id, created }) }
    if (chunk.choices.length > 0) yield { ...chunk, choices: chunk.choices.map((choice) => ({ ...choice, index })) }
    else if (chunk.usage) {
      usages.set(index, chunk.usage)
      last = chunk
    }
  }
  if (last) yield { ...last, usage: mergedUsage(usages, n) }
}

async function* inTheOrderTheyCome<C>(streams: readonly AsyncGenerator<C>[]): AsyncGenerator<{ index: number; chunk: C }> {
  if (streams.length === 1) {
    for await (const chunk of streams[0]!) yield { index: 0, chunk }
    return
  }
  const next = (index: number) => streams[index]!.next().then((result) => ({ index, result }))
  const pending = new Map(streams.map((_, index) => [index, next(index)]))
  // Only one failure can be told; the others are known already.
  for (const promise of pending.values()) promise.catch(() => {})
  while (pending.size > 0) {
    const { index, result } = await Promise.race(pending.values())
    pending.delete(index)
    if (result.done) continue
    const again = next(index)
    again.catch(() => {})
    pending.set(index, again)
    yield { index, chunk: result.value }
  }
}

/** A prompt counts once, however many answers it gets. */
function mergedUsage(usages: ReadonlyMap<number, Usage>, n: number): Usage {
  const sum = (of: (usage: Usage) => number, counts: (index: number) => boolean) =>
    [...usages].reduce((total, [index, usage]) => total + (counts(index) ? of(usage) : 0), 0)
  const once = (index: number) => index % n === 0
  const promptTokens = sum((usage) => usage.promptTokens, once)
  const completionTokens = sum(
    (usage) => usage.completionTokens,
    () => true,
  )
  const cached = [...usages.values()].some(({ promptTokensDetails }) => promptTokensDetails !== undefined)
  const virtual = [...usages.values()].some(({ virtualTokens }) => virtualTokens !== undefined)
  return {
    promptTokens,
    completionTokens,
    totalTokens: promptTokens + completionTokens,
    ...(cached ? { promptTokensDetails: { cachedTokens: sum((usage) => usage.promptTokensDetails?.cachedTokens ?? 0, once) } } : {}),
    ...(virtual ? { virtualTokens: sum((usage) => usage.virtualTokens ?? 0, once) } : {}),
  }
}
