import type { WeftClient } from '@weft/client'
import type { FineTuningJob } from '@weft/protocol'
import { duration } from '../output/output.ts'
import { verdictLines } from '../verdict/verdict-text.ts'
import type { Progress } from '../watching/progress.ts'
import { demoAdapters } from './adapters.ts'
import { ask, curlLines, shownText } from './show.ts'
import { missingOf, trainMissing } from './train-missing.ts'

export interface DemoOptions {
  weft: WeftClient
  url: string
  keyFile: string
  say(event: string, data: object, text: string): void
  progress: Progress
  signal: AbortSignal
  json: boolean
}

/** Trains the demo's adapters where they are missing, and shows what composing them does. A second start only says what is there. */
export const runDemo = async ({ weft, url, keyFile, say, progress, signal }: DemoOptions): Promise<void> => {
  const started = performance.now()
  const { jobs, cancelled } = await trainMissing(weft, demoAdapters, progress, signal)
  const there = demoAdapters.map(({ name }) => name).filter((name) => !cancelled.includes(name))
  if (cancelled.length > 0)
    say(
      'cancelled',
      { adapters: cancelled },
      `The training of ${cancelled.join(', ')} was cancelled; the next start trains what is missing. This goes on with what is left.`,
    )
  if (jobs.length === 0) {
    const earlier = there.length > 0 ? `${there.join(', ')} are here from an earlier start. ` : ''
    say('found', { adapters: there }, `${earlier}Go on with\n${curlLines(url, keyFile, there)}`)
    return
  }
  const seconds = (performance.now() - started) / 1000
  say(
    'trained',
    { adapters: jobs.map(({ suffix }) => suffix), seconds, verdicts: jobs.map(({ verdict }) => verdict) },
    [`Trained and published in ${duration(seconds)}. Measured on texts that neither training nor the base model has seen:`, ...jobs.map(verdictOf)].join('\n'),
  )
  const shown = await ask(weft, there, signal)
  say('shown', shown, shownText(shown, url, keyFile, there))
}

/** What a start that trains nothing is without: the examples of README.md name these. */
export const tellMissing = async ({ weft, say, signal }: Pick<DemoOptions, 'weft' | 'say' | 'signal'>): Promise<void> => {
  const names = (await missingOf(weft, demoAdapters, signal)).map(({ name }) => name)
  if (names.length > 0)
    say(
      'without_demo',
      { adapters: names },
      `Not there: ${names.join(', ')}, which examples of README.md and of the docs ask. A start without --no-demo trains them.`,
    )
}

const verdictOf = ({ suffix, verdict }: FineTuningJob): string => [`  ${suffix}`, ...(verdict ? verdictLines(verdict) : [])].join('\n')
