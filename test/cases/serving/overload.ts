import { Random } from '@weft/adapters'
import { type Quantiles, quantiles } from './quantiles.ts'

/** Sends a request with a JSON body to an edge. */
export type Post = (path: string, body: object) => Promise<Response>

export interface OverloadOptions {
  /** Streams at once: as many as the runner has places for. */
  streams: number
  /** Requests of every kind beyond them. */
  beyond: number
  seed: number
  /** Tokens of each stream, at least and at most. */
  tokens: readonly [least: number, most: number]
  /** Milliseconds between requests beyond. */
  everyMs?: number
  /** Begun once every stream was taken up. */
  whenFull?: () => Promise<unknown>
}

export interface OverloadReport {
  streams: number
  /** Streams that were refused, broke off, or ended otherwise than they should. */
  dropped: number
  /** Why, and how many each; those of wrong answers too. */
  reasons: Record<string, number>
  /** Tokens that all of them had. */
  tokens: number
  /** Requests beyond, by what became of them: one is served where a stream has just ended. */
  refused: number
  served: number
  /** Neither 429 with `retry-after` and `rate_limit_error`, nor served. */
  wrong: number
  /** Of each kind, how many were refused. */
  refusedByKind: Record<string, number>
  /** Milliseconds to a refusal. */
  refusalMs: Quantiles
  /** Until every stream was taken up, and until the last one ended. */
  openedSeconds: number
  seconds: number
}

const words = 'the boat sea whale law people sun wind house of and to'.split(' ')

/**
 * Fills a runner with streams, asks for more of every kind, and reads the streams to their ends: none of them is dropped, and what is too much is
 * refused at once.
 */
export async function overload(post: Post, options: OverloadOptions): Promise<OverloadReport> {
  const {
    streams,
    beyond,
    seed,
    tokens: [least, most],
    everyMs = 10,
    whenFull = async () => {},
  } = options
  const random = new Random(String(seed))
  const upTo = (count: number): number => Math.floor(random.uniform() * count)
  const text = (): string => Array.from({ length: 2 + upTo(6) }, () => words[upTo(words.length)]).join(' ')
  const start = performance.now()
  const reasons: Record<string, number> = {}
  const note = (reason: string): void => {
    reasons[reason] = (reasons[reason] ?? 0) + 1
  }

  const opened = Array.from({ length: streams }, () =>
    post('/v1/completions', { model: 'base', prompt: text(), max_tokens: least + upTo(most - least + 1), temperature: 1, seed: upTo(1e6), stream: true }),
  )
  // Read while the others are opened: a reader that does not read holds its stream up.
  const read = opened.map(async (each) => {
    const response = await each
    const text = await response.text()
    const end = response.ok ? streamed(text) : { complete: false, tokens: 0 }
    if (!end.complete) note(`${response.status}: ${text.slice(-300)}`)
    return end
  })
  for (const each of read) each.catch((error: Error) => note(`${error.name}: ${error.message} ${error.cause ?? ''}`))
  await Promise.allSettled(opened)
  const meanwhile = whenFull()
  meanwhile.catch(() => {})
  const openedSeconds = Math.round((performance.now() - start) / 100) / 10

  const kinds: [string, () => Promise<Response>][] = [
    ['completions', () => post('/v1/completions', { model: 'base', prompt: text(), max_tokens: 2 })],
    ['streams', () => post('/v1/completions', { model: 'base', prompt: text(), max_tokens: 2, stream: true })],
    ['chats', () => post('/v1/chat/completions', { model: 'base', messages: [{ role: 'user', content: text() }], max_tokens: 2 })],
    ['classify', () => post('/v1/classify', { model: 'base', input: text(), choices: [' sea', ' land'] })],
    ['score', () => post('/v1/score', { model: 'base', input: text() })],
    ['embeddings', () => post('/v1/embeddings', { model: 'base', input: text() })],
  ]
  const waits: number[] = []
  const refusedByKind: Record<string, number> = Object.fromEntries(kinds.map(([kind]) => [kind, 0]))
  const outcomes: Promise<Outcome>[] = []
  // At a pace of their own, and not one after another: those that find a place wait behind a thousand others.
  for (let i = 0; i < beyond; i++) {
    const [kind, ask] = kinds[i % kinds.length]!
    const asked = performance.now()
    const ended = ask().then(async (response): Promise<Outcome> => {
      if (response.status !== 429) return served(kind, response, note)
      waits.push(performance.now() - asked)
      const { error } = (await response.json()) as { error: { type: string } }
      refusedByKind[kind]!++
      return Number(response.headers.get('retry-after')) >= 1 && error.type === 'rate_limit_error' ? 'refused' : 'wrong'
    })
    outcomes.push(ended)
    ended.catch(() => {})
    await new Promise((resolve) => setTimeout(resolve, everyMs))
  }
  const ends = await Promise.allSettled(read)
  await meanwhile
  const complete = ends.map((end) => (end.status === 'fulfilled' ? end.value : { complete: false, tokens: 0 }))
  const found = await Promise.all(outcomes)
  const became = (outcome: Outcome): number => found.filter((each) => each === outcome).length
  return {
    streams,
    dropped: complete.filter((each) => !each.complete).length,
    reasons,
    tokens: complete.reduce((sum, each) => sum + each.tokens, 0),
    refused: became('refused'),
    served: became('served'),
    wrong: became('wrong'),
    refusedByKind,
    refusalMs: quantiles(waits),
    openedSeconds,
    seconds: Math.round((performance.now() - start) / 100) / 10,
  }
}

/** What became of a request. */
type Outcome = 'refused' | 'served' | 'wrong'

/** Whether an answer was a good one. What the base cannot do (a decoder that embeds) is refused in words of its own, which is no drop. */
async function served(kind: string, response: Response, note: (reason: string) => void): Promise<Outcome> {
  const text = await response.text()
  const isGood = response.ok ? kind !== 'streams' || streamed(text).complete : kind === 'embeddings' && response.status < 500
  if (!isGood) note(`${kind}: ${response.status}: ${text.slice(-300)}`)
  return isGood ? 'served' : 'wrong'
}

/** An event stream that was read to its end: complete with a reason of its end and `[DONE]`. */
function streamed(text: string): { complete: boolean; tokens: number } {
  const data = [...text.matchAll(/^data: (.*)$/gm)].map(([, each]) => each!)
  const chunks = data.slice(0, -1).map((each) => JSON.parse(each) as { choices?: { finish_reason: string | null }[] })
  const reasons = chunks.flatMap(({ choices = [] }) => choices.flatMap(({ finish_reason }) => finish_reason ?? []))
  return { complete: data.at(-1) === '[DONE]' && reasons.length === 1, tokens: chunks.length - 1 }
}
