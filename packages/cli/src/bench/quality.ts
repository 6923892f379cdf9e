import type { WeftClient } from '@weft/client'
import { mail, passages, speeches, split, spread, whale } from '@weft/corpora'
import type { HyperparametersInput } from '@weft/methods'
import { type Connection, clientOf } from '../connection.ts'
import type { DemoAdapter } from '../demo/adapters.ts'
import { CHARACTERS, excerpt, trainingRows } from '../demo/rows.ts'
import { trainMissing } from '../demo/train-missing.ts'
import { jobEnded } from '../errors.ts'
import type { Progress } from '../watching/progress.ts'
import { perplexity, type Verdicts, verdicts } from './metrics.ts'

export interface QualityOptions extends Connection {
  only?: 'mail' | 'style'
  steps: number
  mails: number
  passages: number
  fresh?: boolean
}

export interface QualityTable {
  title: string
  head: string[]
  rows: (string | number)[][]
}

export interface QualityResult {
  mail?: Record<string, Verdicts>
  /** Perplexity of each style's held-out passages, by composition. */
  style?: Record<string, Record<string, Record<'speech' | 'whale', number>>>
  tables: QualityTable[]
}

const virtualTokens = 16
const prompts = (type: string): DemoAdapter['method'] => ({ type, [type]: { numVirtualTokens: virtualTokens } })

/** The classifiers to compare: a prompt and a head, a head alone on the frozen model, and every weight. */
const classifiers = (steps: number): DemoAdapter[] => {
  const common: HyperparametersInput = { maxSteps: 2 * steps, batchSize: 8, maxLength: 128 }
  return [
    { name: 'quality/mail/prompt-tuning', rows: trainingRows.mail, method: prompts('prompt-tuning'), hyperparameters: { ...common, learningRate: 2e-2 } },
    {
      name: 'quality/mail/linear-probe',
      rows: trainingRows.mail,
      method: { type: 'linear-probe', 'linear-probe': {} },
      hyperparameters: { ...common, learningRate: 2e-2 },
    },
    { name: 'quality/mail/full', rows: trainingRows.mail, method: { type: 'full', full: {} }, hyperparameters: { ...common, learningRate: 3e-4 } },
  ]
}

const styleMethods = ['prefix-tuning', 'prompt-tuning']
const styles = (steps: number): DemoAdapter[] =>
  styleMethods.flatMap((type) =>
    (['speech', 'whale'] as const).map((style) => ({
      name: `quality/${style}/${type}`,
      rows: trainingRows[style],
      method: prompts(type),
      hyperparameters: { maxSteps: steps, batchSize: 8, learningRate: 1e-2, maxLength: 128 },
    })),
  )

/** Trains what is missing through the edge's public API, then asks the edge about held-out text. */
export const benchQuality = async (options: QualityOptions, progress: Progress): Promise<QualityResult> => {
  const weft = clientOf(options)
  const wanted = [...(options.only === 'style' ? [] : classifiers(options.steps)), ...(options.only === 'mail' ? [] : styles(options.steps))]
  if (options.fresh) for (const { name } of await weft.adapters.list()) if (wanted.some((one) => one.name === name)) await weft.adapters.delete(name)
  const { cancelled } = await trainMissing(weft, wanted, progress, new AbortController().signal)
  if (cancelled[0] !== undefined) throw jobEnded(cancelled[0], 'cancelled', 'it was cancelled, and all of them are compared')
  const mailResult = options.only === 'style' ? undefined : await judgeMails(weft, options, progress)
  const styleResult = options.only === 'mail' ? undefined : await readPassages(weft, options.passages, progress)
  return {
    ...(mailResult ? { mail: mailResult } : {}),
    ...(styleResult ? { style: styleResult } : {}),
    tables: [...(mailResult ? [mailTable(mailResult, options.mails)] : []), ...Object.entries(styleResult ?? {}).map(([method, by]) => styleTable(method, by))],
  }
}

const judgeMails = async (weft: WeftClient, { steps, mails }: QualityOptions, progress: Progress): Promise<Record<string, Verdicts>> => {
  const heldOut = spread(split(mail()).heldOut, mails)
  const results: Record<string, Verdicts> = {}
  for (const { name } of classifiers(steps)) {
    const line = progress.line(name.replace('quality/', ''))
    const judged: string[] = []
    for (let at = 0; at < heldOut.length; at += 32) {
      const { data } = await weft.classify({ model: name, input: heldOut.slice(at, at + 32).map(({ text }) => excerpt(text)) })
      judged.push(...data.map(({ label }) => label))
      line.update({ step: judged.length, totalSteps: heldOut.length })
    }
    results[name.split('/').at(-1)!] = verdicts(
      heldOut.map(({ label }) => label!),
      judged,
      'spam',
    )
    line.end('judged')
  }
  return results
}

const compositions = (type: string): Record<string, string> => {
  const [a, b] = [`quality/speech/${type}`, `quality/whale/${type}`]
  return {
    none: 'base',
    speech: `base + ${a}`,
    whale: `base + ${b}`,
    'speech + whale': `base + ${a} + ${b}`,
    'mix(0.5*speech, 0.5*whale)': `base + mix(0.5*${a}, 0.5*${b})`,
    '0.3*speech': `base + 0.3*${a}`,
    '0.3*whale': `base + 0.3*${b}`,
  }
}

const readPassages = async (weft: WeftClient, count: number, progress: Progress): Promise<NonNullable<QualityResult['style']>> => {
  const texts = { speech: spread(passages(split(speeches()).heldOut, CHARACTERS), count), whale: spread(passages(split(whale()).heldOut, CHARACTERS), count) }
  const results: NonNullable<QualityResult['style']> = {}
  for (const type of styleMethods) {
    const line = progress.line(type)
    const all = Object.entries(compositions(type))
    results[type] = {}
    for (const [i, [label, model]] of all.entries()) {
      const read = async (style: 'speech' | 'whale'): Promise<number> => {
        const scores: { tokens: number; logprob: number }[] = []
        for (let at = 0; at < texts[style].length; at += 16) scores.push(...(await weft.score({ model, input: texts[style].slice(at, at + 16) })).data)
        return perplexity(scores)
      }
      results[type][label] = { speech: await read('speech'), whale: await read('whale') }
      line.update({ step: i + 1, totalSteps: all.length })
    }
    line.end('read')
  }
  return results
}

const mailTable = (results: Record<string, Verdicts>, mails: number): QualityTable => ({
  title: `mail/spam on ${mails} held-out mails`,
  head: ['trained', 'accuracy', 'balanced accuracy', 'F1 (spam)'],
  rows: Object.entries(results).map(([method, { accuracy, balancedAccuracy, f1 }]) => [
    method,
    ...[accuracy, balancedAccuracy, f1].map((value) => value.toFixed(3)),
  ]),
})

const styleTable = (method: string, results: Record<string, Record<'speech' | 'whale', number>>): QualityTable => ({
  title: `held-out perplexity per token, ${method}`,
  head: ['composition', 'on speech', 'on whale'],
  rows: Object.entries(results).map(([label, { speech, whale }]) => [label, speech.toFixed(2), whale.toFixed(2)]),
})
