import { type AdapterRef, adapterRefs, parse, print, readAdapter } from '@weft/adapters'
import { requireComposed } from '@weft/bench/interfere/composing'
import type { InterferenceReport, Probe } from '@weft/bench/interfere/interfere'
import type { WeftClient } from '@weft/client'
import { baseOf } from './base-model.ts'
import { readConfiguration } from './configuration.ts'
import { nameUnread } from './errors.ts'
import { carriedProbes } from './input/carried-probes.ts'
import { mayNameModel, modelNames, onOneBase } from './input/compositions/on-one-base.ts'
import { oneVersionEach } from './input/compositions/one-version-each.ts'
import { refuseSame } from './input/compositions/same-composition.ts'
import type { Step } from './watching/progress.ts'

/** Which compositions to try, on what. */
export interface Tried {
  expressions: readonly string[]
  /** Inputs by adapter's name, or under '' for all others. What has none here is tried on the inputs that it carries. */
  probes: Readonly<Record<string, readonly Probe[]>>
  /** Adapters that are not taken from the edge, by name. */
  files?: ReadonlyMap<string, Uint8Array>
  tokens?: number | undefined
  choices?: readonly string[] | undefined
  /** The base model; otherwise what the adapters were made on. */
  model?: string | undefined
  state?: string | undefined
  threads?: number | undefined
  config: string
}

/** Says how far a measurement has come. */
export interface Watcher {
  note(text: string): void
  step(expression: string, step: Step): void
}

/** Measures on this machine what each adapter of a composition keeps in it; adapters come from the edge. */
export async function measureInterference(
  weft: WeftClient,
  { expressions, probes, files: given = new Map(), tokens, choices = [], config, threads, ...base }: Tried,
  watcher: Watcher,
): Promise<InterferenceReport[]> {
  const answers = choices.length > 0 ? choices : undefined
  for (const expression of expressions) requireComposed(expression, answers)
  const references = expressions.flatMap((text) => adapterRefs(parse(text)))
  const isNamed = (name: string): boolean => references.some((reference) => reference.name === name)
  for (const name of given.keys()) if (!isNamed(name)) throw nameUnread('--adapter', name, expressions)
  // What is no adapter is told before anything is asked of the others.
  for (const file of given.values()) await readAdapter(file)
  // Probes may be those of a whole term: `0.5*style/speech`.
  for (const term of Object.keys(probes))
    if (term !== '' && !adapterRefs(parse(term)).every(({ name }) => isNamed(name))) throw nameUnread('--probe', term, expressions)
  const pairs = await measuredAs(weft, expressions, new Set(['base', ...given.keys()]))
  const [measured, written] = [pairs.map(([each]) => each), new Map(pairs)]
  const groups = oneVersionEach(measured)
  const files = new Map<string, Uint8Array>()
  for (const reference of groups.flatMap((group) => [...group.references.values()])) {
    const written = print(reference)
    if (!files.has(written)) files.set(written, given.get(reference.name) ?? (await weft.adapters.download(written)))
  }
  const read = new Map(await Promise.all([...files].map(async ([written, file]) => [written, await readAdapter(file)] as const)))
  refuseSame(measured, read)
  const isGiven = ({ name: own }: AdapterRef): boolean =>
    Object.keys(probes).some((term) => term === '' || adapterRefs(parse(term)).some(({ name }) => name === own))
  const carried = await Promise.all(
    groups.map((group) =>
      carriedProbes(
        [...group.references.values()].filter((reference) => !isGiven(reference)),
        (reference) => (given.has(reference.name) ? undefined : weft.adapters.probes(print(reference))),
        '--probe FILE, or --probe NAME=FILE for one',
      ),
    ),
  )
  const { manifest } = [...read.values()][0]!
  const configuration = await readConfiguration(config)
  if (base.model !== undefined) (await import('@weft/model')).requireModel(base.model)
  watcher.note(`Loading the base model "${manifest.base.name}" …`)
  const model = await baseOf(manifest.base, configuration, config, base)
  const { ModelSession } = await import('@weft/session')
  const { interfere } = await import('@weft/bench/interfere/interfere')
  const { inputsCarried } = await import('@weft/bench/interfere/carried')
  const reports = new Map<string, InterferenceReport>()
  for (const [i, group] of groups.entries()) {
    const own = Object.fromEntries([...carried[i]!].map(([name, each]) => [name, inputsCarried(each, model)]))
    await using session = new ModelSession(model, { plugins: configuration.plugins, ...(threads !== undefined && { threads }) })
    for (const [name, reference] of group.references) await session.add(name, files.get(print(reference))!)
    for (const expression of group.expressions)
      reports.set(
        expression,
        await interfere(session, expression, {
          probes: { ...own, ...probes },
          ...(tokens === undefined ? {} : { tokens }),
          ...(answers ? { choices: answers } : {}),
          onProgress: (step, totalSteps) => watcher.step(written.get(expression)!, { step, totalSteps }),
        }),
      )
  }
  return measured.map((expression) => reports.get(expression)!)
}

/** Expressions as this machine measures them, with what was written. The server is asked for its models only where one may be named. @param known names of none */
async function measuredAs(weft: Pick<WeftClient, 'models'>, expressions: readonly string[], known: ReadonlySet<string>): Promise<[string, string][]> {
  const models = expressions.some((expression) => mayNameModel(expression, known)) ? await modelNames(weft) : ['base']
  return expressions.map((expression) => [onOneBase(expression, models), expression])
}
