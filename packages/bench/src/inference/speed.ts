import { Random } from '@weft/adapters'
import { median, round } from '../statistics.ts'

export interface SpeedOptions {
  /** Requests that decode together. */
  rows: number
  promptTokens: number
  tokens: number
  /** Measurements of which the median counts. */
  rounds: number
  vocabulary: number
}

/** What an engine needs to be measured: greedy tokens as they come. */
export type SpeedOfGenerate = (
  composition: null,
  options: { prompt: { tokens: number[] }; maxTokens: number; temperature: number; topP: number; topK: number; stop: string[] },
) => Promise<AsyncIterable<{ token: number } | object>>

/** CPU time is the process's, all threads together. */
export interface Speed {
  /** One prompt, alone, until its first token. */
  prefill_cpu_ms: number
  /** One token of one row, all rows decoding together. */
  decode_cpu_ms_per_token: number
  /** Of that, what the event loop's thread took: everything but the model's kernels. Absent where Node does not tell (before 23.9). */
  decode_event_loop_cpu_ms_per_token?: number
  /** Of all rows together, by the clock. */
  decode_tokens_per_s: number
  /** The first row's first answer: greedy. */
  first_tokens: number[]
}

/** Speed of the bare model. Every prompt is another, so that nothing computed before is of use. */
export async function speedOf(engine: { generate: SpeedOfGenerate }, { rows, promptTokens, tokens, rounds, vocabulary }: SpeedOptions): Promise<Speed> {
  const random = new Random('bench')
  const prompt = (): number[] => Array.from({ length: promptTokens }, () => random.integer(Math.min(vocabulary, 20_000)))
  const ask = async (count: number): Promise<{ tokens: number[]; firstAt: Moment; endAt: Moment }> => {
    const read: number[] = []
    let [firstAt, endAt] = [now(), now()]
    const options = { prompt: { tokens: prompt() }, maxTokens: count, temperature: 0, topP: 1, topK: 0, stop: [] }
    for await (const event of await engine.generate(null, options)) {
      if (!('token' in event)) continue
      endAt = now()
      if (read.length === 0) firstAt = endAt
      read.push(event.token)
    }
    return { tokens: read, firstAt, endAt }
  }
  const first = await ask(tokens) // and everything is made that is made once
  const prefills: number[] = []
  const decodes: { cpu: number; thread: number; wall: number }[] = []
  for (let turn = 0; turn < rounds; turn++) {
    const start = now()
    await ask(1)
    prefills.push(now().cpu - start.cpu)
    const together = () => Promise.all(Array.from({ length: rows }, () => ask(tokens)))
    let answers = await together()
    // An answer that ends early leaves fewer rows to measure: others are asked for, a few times.
    for (let again = 0; again < 3 && answers.some((answer) => answer.tokens.length < tokens); again++) answers = await together()
    // From the moment at which the last row has begun to that at which the first one ends, all rows decode.
    const from = answers.map(({ firstAt }) => firstAt).reduce((a, b) => (a.wall > b.wall ? a : b))
    const to = answers.map(({ endAt }) => endAt).reduce((a, b) => (a.wall < b.wall ? a : b))
    const steps = answers.reduce(
      (sum, { tokens: read, firstAt, endAt }) => sum + (read.length - 1) * ((to.wall - from.wall) / Math.max(1e-9, endAt.wall - firstAt.wall)),
      0,
    )
    decodes.push({ cpu: (to.cpu - from.cpu) / steps, thread: (to.thread - from.thread) / steps, wall: (to.wall - from.wall) / steps })
  }
  return {
    prefill_cpu_ms: round(median(prefills), 2),
    decode_cpu_ms_per_token: round(median(decodes.map(({ cpu }) => cpu)), 3),
    ...(threadCpuUsage && { decode_event_loop_cpu_ms_per_token: round(median(decodes.map(({ thread }) => thread)), 3) }),
    decode_tokens_per_s: round(1000 / median(decodes.map(({ wall }) => wall)), 1),
    first_tokens: first.tokens,
  }
}

interface Moment {
  wall: number
  cpu: number
  thread: number
}

/** Node 22 cannot tell the time of one thread. */
const { threadCpuUsage } = process as { threadCpuUsage?(): NodeJS.CpuUsage }

const now = (): Moment => {
  const ms = ({ user, system }: NodeJS.CpuUsage): number => (user + system) / 1000
  return { wall: performance.now(), cpu: ms(process.cpuUsage()), thread: ms(threadCpuUsage?.() ?? { user: 0, system: 0 }) }
}
