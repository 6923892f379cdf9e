import type { GenerateEvent, GenerateInput } from '@weft/protocol'
import type { Backend } from '../backend.ts'
import type { Caller } from '../caller.ts'
import type { Inference } from '../inference.ts'
import { mergedHealth } from './agreed-models.ts'
import type { Member } from './member.ts'
import type { RunnerPool } from './runner-pool.ts'

/** The key of what a request composes: of several compositions whose answers are combined, all of theirs. */
const keyOf = (composition: GenerateInput['composition']): string | undefined =>
  composition === null ? undefined : typeof composition === 'string' ? composition : composition.operands.map((operand) => operand.composition).join(' ')

/** Inference at whichever runner of a pool a request belongs to. */
export const pooledInference = (pool: RunnerPool): Inference => ({
  ...pool.of.inference,
  generate: (request, caller) =>
    pool.run({ key: keyOf(request.composition), model: request.model }, caller, ({ inference }) => inference.generate(request, caller)),
  stream: (request, caller) =>
    pool.run({ key: keyOf(request.composition), model: request.model }, caller, async ({ inference }, runner) =>
      followed(await begun(await inference.stream(request, caller), pool), { pool, runner, caller }),
    ),
  classify: (request, caller) =>
    pool.run({ key: request.composition ?? undefined, model: request.model }, caller, ({ inference }) => inference.classify(request, caller)),
  score: (request, caller) => pool.run({ key: keyOf(request.composition), model: request.model }, caller, ({ inference }) => inference.score(request, caller)),
  embed: (request, caller) =>
    pool.run({ key: request.composition ?? undefined, model: request.model }, caller, ({ inference }) => inference.embed(request, caller)),
})

/** Waits for a stream's first event where there are other runners: until then the client has seen nothing, and another may answer. */
async function begun(events: AsyncIterable<GenerateEvent>, pool: RunnerPool): Promise<AsyncIterable<GenerateEvent>> {
  if (pool.membership.known.length < 2) return events
  const iterator = events[Symbol.asyncIterator]()
  const first = await iterator.next()
  return {
    async *[Symbol.asyncIterator]() {
      try {
        for (let next = first; !next.done; next = await iterator.next()) yield next.value
      } finally {
        await iterator.return?.()
      }
    },
  }
}

/** The same events; the runner has the request in hands until their end, or until nobody waits for them. */
function followed(events: AsyncIterable<GenerateEvent>, { pool, runner, caller }: { pool: RunnerPool; runner: Member; caller: Caller | undefined }) {
  const leave = runner.take()
  caller?.signal.addEventListener('abort', leave, { once: true })
  return (async function* () {
    try {
      yield* events
    } catch (error) {
      if (!caller?.signal.aborted) pool.learn(runner, error)
      throw error
    } finally {
      leave()
      caller?.signal.removeEventListener('abort', leave)
    }
  })()
}

/** A pool's compositions and models. */
export const pooledCompositions = (pool: RunnerPool): Backend['compositions'] => ({
  put: (key, bytes, caller) => pool.run({ key }, caller, ({ compositions }) => compositions.put(key, bytes, caller)),
})

/** What the runners serve together. One that does not answer is not waited for while others do. */
export const pooledDirectory = (pool: RunnerPool): Backend['directory'] => ({
  async health(signal) {
    const members = await pool.membership.members()
    if (members.length === 0) throw pool.nobody('inference')
    const [sole] = members
    if (sole && members.length === 1) return pool.check(sole, signal)
    const checks = members.map((runner) => ({ wasAway: runner.state === 'unreachable', done: pool.check(runner, signal) }))
    // One that is away fails while others are still waited for, and nobody else hears of it.
    for (const { done } of checks) done.catch(() => {})
    const settled = await Promise.allSettled(checks.filter(({ wasAway }) => !wasAway).map(({ done }) => done))
    const someAnswers = settled.some(({ status }) => status === 'fulfilled')
    if (!someAnswers) await Promise.any(checks.map(({ done }) => done)).catch(({ errors }: AggregateError) => Promise.reject(errors[0]))
    void pool.compare()
    return mergedHealth(members)
  },
})
