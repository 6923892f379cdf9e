import type { LoadedAdapter } from '@weft/adapters'
import type { LoadedModel } from '@weft/model'
import { ModelSession } from '@weft/session'
import { inputsCarried } from '../interfere/carried.ts'
import { interfere, type Probe } from '../interfere/interfere.ts'
import type { Verdict } from '../interfere/verdict.ts'
import type { BenchComposeOptions } from './options.ts'
import { namesOf } from './retentions.ts'
import { probesOf, type Task } from './tasks/task.ts'

/** Of what an adapter gains alone, the share that "keeps" promises at least. */
const PROMISED = 0.8

export interface GatePlace {
  composition: string
  task: string
  /** Nats. */
  divergence: number
  /** What is predicted. */
  kept: number
  verdict: Verdict
  /** Null where the adapter gains nothing alone. */
  retention: number | null
}

export interface GateResult {
  places: GatePlace[]
  /** Places that are predicted to keep, and those of them that keep less than four fifths. */
  keeps: number
  missed: number
  /** Places that are predicted to lose, and those of them that keep four fifths and more. */
  loses: number
  alarms: number
}

interface Measured {
  model: LoadedModel
  adapters: Readonly<Record<string, LoadedAdapter>>
  tasks: Readonly<Record<string, Task>>
  expressions: readonly string[]
  operator: BenchComposeOptions['operator']
  /** By `task in expression`. */
  retention: Readonly<Record<string, number | null>>
  threads?: number | undefined
}

const TOKENS = 12

/** What the publish gate predicts of compositions from the adapters' probes, beside what the adapters keep there on held-out rows. */
export const measureGate = async ({ model, adapters, tasks, expressions, operator, retention, threads }: Measured): Promise<GateResult> => {
  await using session = new ModelSession(model, threads === undefined ? {} : { threads })
  // A task may be called what an expression reads otherwise ("base"): adapters go by their places.
  const names = Object.keys(adapters)
  const placed = (name: string): string => `operand${names.indexOf(name)}`
  const probes: Record<string, Probe[]> = {}
  for (const [name, adapter] of Object.entries(adapters)) {
    session.adapters.set(placed(name), adapter)
    const answered = inputsCarried(probesOf(tasks[name]!), model).map(async (probe): Promise<Probe> => {
      if (probe.isText) return probe
      // Written once, and read in every composition.
      const { text } = await session.generate(placed(name), probe.prompt, { maxTokens: TOKENS })
      return text === '' ? probe : { ...probe, completion: text, own: true }
    })
    probes[placed(name)] = await Promise.all(answered)
  }
  const places: GatePlace[] = []
  for (const expression of expressions) {
    const operands = namesOf(expression)
    const asked = operator === 'sum' ? operands.map(placed).join(' + ') : `${operator}(${operands.map(placed).join(', ')})`
    const report = await interfere(session, asked, { probes, tokens: TOKENS })
    for (const [i, { divergence, kept, verdict }] of report.adapters.entries()) {
      const task = operands[i]!
      places.push({ composition: expression, task, divergence, kept, verdict, retention: retention[`${task} in ${expression}`] ?? null })
    }
  }
  return { places, ...tallyOf(places) }
}

export const tallyOf = (places: readonly GatePlace[]): Omit<GateResult, 'places'> => {
  const known = places.filter((place) => place.retention !== null)
  const of = (verdict: Verdict): number[] => known.filter((place) => place.verdict === verdict).map((place) => place.retention!)
  const [keeps, loses] = [of('keeps'), of('loses')]
  return {
    keeps: keeps.length,
    missed: keeps.filter((kept) => kept < PROMISED).length,
    loses: loses.length,
    alarms: loses.filter((kept) => kept >= PROMISED).length,
  }
}
