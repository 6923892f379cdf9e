import { setTimeout as sleep } from 'node:timers/promises'
import { floatTensor, isWeftError, type Random, sha256, writeAdapter } from '@weft/adapters'
import { runnerOf, type WeftClient } from '@weft/client'

/** What was acknowledged under load, and what must therefore hold afterwards. */
export interface Ledger {
  /** `name@version` and the digest that the answer gave. */
  published: Map<string, string>
  /** Versions that an alias was moved to, in order; whether each move was acknowledged. */
  moves: { version: number; acknowledged: boolean }[]
  jobs: string[]
  /** Ids, and how many requests each has. */
  batches: Map<string, number>
  /** Streams that came to their end, and those that broke and said so. */
  streams: { completed: number; broken: number }
  /** Errors by code, for people to look at. */
  errors: Map<string, number>
  /** What must never happen: a refusal that blames the caller, or a stream that ends as if it were whole. */
  violations: string[]
}

export const newLedger = (): Ledger => ({
  published: new Map(),
  moves: [],
  jobs: [],
  batches: new Map(),
  streams: { completed: 0, broken: 0 },
  errors: new Map(),
  violations: [],
})

/** The same job every time: undisturbed or not, its file has the same bytes. */
export const steps = 60
const row = (i: number): string => JSON.stringify({ text: `Row ${i}: ${'the whale and the sea '.repeat(2 + (i % 3))}` })
export const requests = 6
const prompts = ['The sea', 'My fellow citizens', 'Call me', 'A fair wind', 'The mate', 'At dawn']

/**
 * Clients that publish, move an alias, train, send batches and stream, each again and again until `signal` fires. What one is told it writes down.
 * What they need is there when the promise is kept: nothing may be killed before.
 */
export async function mixedLoad(client: WeftClient, ledger: Ledger, random: Random, signal: AbortSignal): Promise<{ ended: Promise<unknown> }> {
  /** Tries, and gives nothing where the edge or the runner was away. */
  const attempt = async <T>(what: string, work: () => Promise<T>): Promise<T | undefined> => {
    try {
      return await work()
    } catch (error) {
      const { code = 'unknown', status = 0 } = isWeftError(error) ? (error as { code: string; status: number }) : {}
      ledger.errors.set(`${what}: ${code}`, (ledger.errors.get(`${what}: ${code}`) ?? 0) + 1)
      // An edge that died over a request with a key leaves the key taken for a while: what it was to make was not acknowledged.
      if (isWeftError(error) && status < 500 && status !== 429 && status !== 412 && code !== 'idempotency_key_in_use')
        ledger.violations.push(`${what}: ${status} ${code}: ${(error as Error).message}`)
      await sleep(250)
      return undefined
    }
  }
  const again = async (pauseMs: number, work: () => Promise<void>): Promise<void> => {
    while (!signal.aborted) {
      await work()
      await sleep(pauseMs * (0.5 + random.uniform()))
    }
  }

  const base = runnerOf(await client.health())?.models[0]
  if (!base) throw new Error('the runner serves no model')
  const { name, fingerprint, architecture, spec } = base
  const fileOf = (n: number): Promise<Uint8Array<ArrayBuffer>> =>
    writeAdapter(
      { method: 'prompt-tuning', config: { numVirtualTokens: 2 }, base: { name, fingerprint, architecture }, task: 'CAUSAL_LM', lineage: {} },
      { inputsEmbeds: { rows: floatTensor([2, spec.hiddenSize], new Float32Array(2 * spec.hiddenSize).fill(n / 1024)) } },
    )

  let published = 0
  const publisher = (): Promise<void> =>
    again(150, async () => {
      const bytes = await fileOf(++published)
      const adapter = await attempt('publish', () => client.adapters.publish(`kills/p${published % 3}`, bytes))
      if (!adapter) return
      if (adapter.digest !== (await sha256(bytes))) ledger.violations.push(`${adapter.id} was acknowledged with the digest of another file`)
      ledger.published.set(adapter.id, adapter.digest)
    })

  const mover = (): Promise<void> =>
    again(200, async () => {
      const versions = await attempt('versions', () => client.adapters.versions('kills/moved'))
      const version = versions?.[random.integer(versions.length)]?.version
      if (version === undefined) return
      const move = { version, acknowledged: false }
      ledger.moves.push(move)
      if (await attempt('alias', () => client.adapters.setAlias('kills/moved', 'prod', version))) move.acknowledged = true
    })

  const streamer = (n: number): Promise<void> =>
    again(100, async () => {
      const prompt = prompts[random.integer(prompts.length)]!
      let finished = false
      const whole = await attempt('stream', async () => {
        for await (const chunk of client.completions.stream({ model: n % 2 ? 'base + kills/moved@prod' : 'base', prompt, maxTokens: 24 }))
          finished ||= chunk.choices.some(({ finishReason }) => finishReason !== null && finishReason !== undefined)
        return true
      })
      if (!whole) ledger.streams.broken++
      else if (finished) ledger.streams.completed++
      else ledger.violations.push('a stream ended as if it were whole, and gave no finish_reason')
    })

  const content = Array.from({ length: 16 }, (_, i) => row(i)).join('\n')
  const trainer = (): Promise<void> =>
    again(4000, async () => {
      const file = await attempt('upload', () => client.files.upload({ content }))
      const job =
        file &&
        (await attempt('job', () =>
          client.jobs.create({
            model: 'base',
            trainingFile: file.id,
            suffix: 'kills/trained',
            seed: 5,
            method: { type: 'prefix-tuning', 'prefix-tuning': { numVirtualTokens: 2 } },
            hyperparameters: { maxSteps: steps, batchSize: 4, checkpointEvery: 10, patience: 0 },
          }),
        ))
      if (job) ledger.jobs.push(job.id)
    })

  const lines = prompts
    .slice(0, requests)
    .map((prompt, i) => JSON.stringify({ custom_id: `r${i}`, method: 'POST', url: '/v1/completions', body: { model: 'base', prompt, max_tokens: 8 } }))
    .join('\n')
  const batcher = (): Promise<void> =>
    again(3000, async () => {
      const file = await attempt('batch file', () => client.files.upload({ content: lines, purpose: 'batch', filename: 'batch.jsonl' }))
      const batch = file && (await attempt('batch', () => client.batches.create({ inputFileId: file.id, endpoint: '/v1/completions' })))
      if (batch) ledger.batches.set(batch.id, requests)
    })

  for (let n = 1; n <= 4; n++) await client.adapters.publish('kills/moved', await fileOf(-n))
  await client.adapters.setAlias('kills/moved', 'prod', 1)
  ledger.moves.push({ version: 1, acknowledged: true })
  return { ended: Promise.all([publisher(), mover(), streamer(0), streamer(1), trainer(), batcher()]) }
}
