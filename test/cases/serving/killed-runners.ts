import { setTimeout as sleep } from 'node:timers/promises'
import { Random } from '@weft/adapters'

/** A runner that can be killed, and started again as another process at the same address. */
export interface Mortal {
  kill(): Promise<void>
  /** Resolves when it answers. */
  start(): Promise<void>
}

export interface KilledRunnersReport {
  kills: number
  /** Requests that got their whole answer. */
  answered: number
  /** Streams that had begun when their runner was killed, and said so in an `error` event. */
  brokenStreams: number
  /** Requests that were refused, by code: nothing was acknowledged, and nothing is lost. */
  refused: Record<string, number>
  /** Answers that were begun and neither finished nor said to have failed. */
  lost: number
  /** Whole answers that are not those of an undisturbed runner. */
  wrong: number
}

interface Options {
  runners: readonly Mortal[]
  /** Asks an edge for a completion of one of so many models, by its number. */
  complete: (model: number, stream: boolean) => Promise<Response>
  models: number
  kills: number
  seed: number
  clients: number
  /** Between one runner's return and the next kill, in milliseconds, at most. */
  pauseMs: number
}

/** Kills one runner after another at random, each when the last is back, under clients that ask all the time, whole and streamed. */
export async function killedRunners({ runners, complete, models, kills, seed, clients, pauseMs }: Options): Promise<KilledRunnersReport> {
  const random = new Random(seed)
  const expected: string[] = []
  for (let model = 0; model < models; model++) expected.push(textOf(await (await complete(model, false)).json()))
  const report: KilledRunnersReport = { kills: 0, answered: 0, brokenStreams: 0, refused: {}, lost: 0, wrong: 0 }
  let over = false
  const client = async (of: Random): Promise<void> => {
    while (!over) {
      const model = of.integer(models)
      await ask(model, of.integer(2) === 1).catch(() => report.lost++)
    }
  }
  const ask = async (model: number, stream: boolean): Promise<void> => {
    const response = await complete(model, stream)
    if (!response.ok) {
      const { error } = (await response.json()) as { error: { code: string } }
      report.refused[error.code] = (report.refused[error.code] ?? 0) + 1
      return
    }
    const text = stream ? streamedText(await response.text()) : textOf(await response.json())
    if (text === 'broken') report.brokenStreams++
    else if (text === undefined) report.lost++
    else if (text === expected[model]) report.answered++
    else report.wrong++
  }
  const asking = Array.from({ length: clients }, (_, at) => client(random.split(at)))
  for (; report.kills < kills; report.kills++) {
    const before = report.answered
    await sleep(random.integer(pauseMs))
    // A slow machine has requests under way at every kill too; where nothing is answered any more, the kills go on.
    for (let waited = 0; report.answered < before + 2 && waited < 5000; waited += 10) await sleep(10)
    const runner = runners[random.integer(runners.length)]!
    await runner.kill()
    await runner.start()
  }
  over = true
  await Promise.all(asking)
  return report
}

const textOf = (answer: unknown): string => {
  const { choices, error } = answer as { choices?: { text: string }[]; error?: { message: string } }
  if (!choices) throw new Error(error?.message ?? 'no answer')
  return choices[0]!.text
}

/** A stream's text; `broken` where it says that it failed, undefined where it just ends. */
function streamedText(body: string): string | undefined {
  const events = [...body.matchAll(/^data: (.*)$/gm)].map(([, data]) => data!)
  if (events.at(-1) !== '[DONE]') return events.some((data) => data.includes('"error"')) ? 'broken' : undefined
  const parsed = events.slice(0, -1).map((data) => JSON.parse(data) as { choices?: { text?: string }[]; error?: object })
  if (parsed.some(({ error }) => error)) return 'broken'
  return parsed.map(({ choices }) => choices?.[0]?.text ?? '').join('')
}
