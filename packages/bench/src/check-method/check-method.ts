import { canonicalJson, identical, isFloat, isWeftError, type LoadedAdapter, sameShape, siteOf, type TaskType, type Tensor } from '@weft/adapters'
import { quoted } from '@weft/adapters/error-text'
import {
  checkActs,
  checkTask,
  encodedShapes,
  exportPeft,
  importPeft,
  ofPlugin,
  type Param,
  type Plugin,
  paramsOf,
  paramsToKeep,
  parseConfig,
  restoreParams,
  unusedParameters,
} from '@weft/methods'
import { taskOn } from '@weft/protocol'
import type { ModelSession } from '@weft/session'
import { sampleRows } from './sample-rows.ts'

/** What was looked at, and what came of it. */
export interface MethodCheck {
  check: string
  /** Null where the method has nothing of the kind. */
  ok: boolean | null
  said: string
}

export interface CheckMethodOptions {
  /** Of its config, in camelCase. */
  settings?: Readonly<Record<string, unknown>>
  /** What it is trained for; language modelling where the method has that, else its first task. */
  task?: TaskType
  /** Adapter files that the method requires, by the names that its config gives them. */
  required?: Readonly<Record<string, Uint8Array>>
}

/** Of a training that is only to be seen working. */
const steps = 4
/** A decay would move what no gradient reaches. */
const hyperparameters = { batchSize: 2, schedule: 'constant', warmupRatio: 0, weightDecay: 0, patience: 0 } as const
const checked = 'checked'
const prompt = 'The river was there before us,'

/**
 * Trains a method for a few steps on a real model and looks at everything that is asked of one: its config and shapes, that every parameter learns, that equal trainings
 * give equal bytes, that a file gives everything back, that the adapter acts and at no strength does not, that other rows of a batch do not see it, and that PEFT's files
 * give it back. What comes after a fault that nothing can be seen behind is not looked at.
 */
export async function checkMethod(session: ModelSession, plugin: Plugin, options: CheckMethodOptions = {}): Promise<MethodCheck[]> {
  const checks: MethodCheck[] = []
  const tell = (check: MethodCheck): boolean => {
    checks.push(check)
    return check.ok !== false
  }
  const look: Look = async (check, work) => {
    try {
      const said = await work()
      return tell(typeof said === 'string' ? { check, ok: true, said } : { check, ok: null, said: said.none })
    } catch (error) {
      // What is neither coded nor found here was thrown by a part of the plugin, such as its "peft".
      const { name, message } = error as Error
      return tell({ check, ok: false, said: error instanceof Fault || isWeftError(error) ? message : `${name}: ${message}` })
    }
  }
  const { model } = session
  let config: any
  let task: TaskType = 'CAUSAL_LM'
  let required: LoadedAdapter[] = []
  const params = (): Record<string, Param> => paramsOf(plugin, config, model.spec, required)

  const isAsked = await look('settings', async () => {
    config = parseConfig(plugin, options.settings ?? {})
    task = options.task ?? taskOn(plugin.tasks?.includes('CAUSAL_LM') === false ? plugin.tasks[0]! : 'CAUSAL_LM', model.spec)
    checkTask(plugin, task, config)
    plugin.asked?.(config, model.spec)
    const names = ofPlugin(plugin, 'requires', () => plugin.requires?.(config)) ?? []
    const stranger = Object.keys(options.required ?? {}).find((name) => !names.includes(name))
    if (stranger !== undefined) throw new Fault(`its settings name no adapter "${stranger}"; they name ${quoted(names) || 'none'}`)
    for (const [name, file] of Object.entries(options.required ?? {})) await session.add(name, file)
    required = names.map((name) => session.adapter(name))
    return `for ${task}`
  })
  if (!isAsked) return checks
  const isStable = await look('config', () => {
    if (canonicalJson(parseConfig(plugin, JSON.parse(JSON.stringify(config)))) !== canonicalJson(config))
      throw new Fault('a config that was read reads differently again: its schema changes what it has read')
    return 'what was read reads the same again'
  })
  if (!isStable) return checks
  if (plugin.trains === false) {
    tell({ check: 'training', ok: null, said: 'nothing of it is trained' })
    return checks
  }

  const isEncoded = await look('encode', () => {
    checkActs(plugin, config, model.spec, task, required)
    const unused = unusedParameters(plugin, config, model.spec, required)
    if (unused.length > 0) throw new Fault(`its "encode" makes nothing of ${unused.join(', ')}: they would stay as they began`)
    const sites = Object.entries(encodedShapes(plugin, config, model.spec, required)).flatMap(([site, tensors]) =>
      Object.entries(tensors).map(([name, { shape }]) => `${site}.${name} [${shape}]`),
    )
    const made = Object.entries(params()).map(([name, { shape, trainable }]) => `${name} [${shape}]${trainable ? '' : ' frozen'}`)
    return `${shortened(made) || 'no parameter'} → ${shortened(sites) || 'the head alone'}`
  })
  if (!isEncoded) return checks

  let rows: object[] = []
  const trained = (name: string, count: number, further: object = {}) =>
    session.train(name, { method: plugin.id, config, task, rows, heldOut: rows, seed: 1, hyperparameters: { ...hyperparameters, maxSteps: count }, ...further })
  let file: Uint8Array = new Uint8Array()
  const isTrained = await look('training', async () => {
    rows = sampleRows(task, {
      awaited: ofPlugin(plugin, 'awaits', () => plugin.awaits?.(config)) ?? [],
      numTasks: ofPlugin(plugin, 'numTasks', () => plugin.numTasks?.(config)) ?? 1,
    })
    const begun = await trained('begun', 1)
    const ended = await trained(checked, steps)
    file = ended.adapter
    return `loss ${begun.loss.toFixed(3)} in the first step, ${ended.loss.toFixed(3)} in step ${steps}`
  })
  if (!isTrained) return checks
  const adapter = session.adapter(checked)
  const trainedFor = { config: adapter.manifest.config as any, model: model.spec, required }
  const valuesOf = (name: string) => restoreParams(plugin, session.adapter(name), trainedFor)

  await look('every parameter learns', () => {
    const [before, after] = [valuesOf('begun'), valuesOf(checked)]
    const still = Object.keys(after).filter((name) => identical(before[name]!, after[name]!))
    if (still.length > 0)
      throw new Fault(`after ${steps} steps ${still.join(', ')} ${still.length === 1 ? 'is' : 'are'} what the first left: no gradient reaches there`)
    return `${Object.keys(after).length} of ${Object.keys(after).length}`
  })
  await look('equal trainings, equal bytes', async () => {
    const again = (await trained(checked, steps)).adapter
    if (!equalBytes(again, file))
      throw new Fault('the same rows and the same seed gave another file: an "init" or "encode" draws other numbers than those of its context')
    return `${file.length} bytes`
  })
  await look('a file gives everything back', async () => {
    let fault: Error | undefined
    const values = valuesOf(checked)
    const kept = paramsToKeep(plugin, values, adapter.state, trainedFor, (error) => (fault = error))
    if (fault) throw fault
    const decoded = Object.entries(plugin.decode?.(adapter.state, config, model.spec) ?? {})
    const wrong = decoded.flatMap(([name, value]) => (values[name] && !identical(value, values[name]) ? [name] : []))
    if (wrong.length > 0)
      throw new Fault(`its "decode" gives other numbers than were trained for ${shortened(wrong)}; where it cannot give them bit for bit it gives nothing`)
    await trained('continued', 1, { from: checked })
    const beside = Object.keys(kept)
    return beside.length === 0 ? 'its state is all that is stored' : `stored beside the state: ${beside.join(', ')}`
  })
  await acts(session, task, look)
  await look('to PEFT’s files and back', () => throughPeft(session, plugin, adapter))
  return checks
}

/** What was found, or why there is nothing to look at. */
type Found = string | { none: string }
type Look = (check: string, work: () => Promise<Found> | Found) => Promise<boolean>

/** That the adapter is seen in answers, and where it shall not be is not. */
async function acts(session: ModelSession, task: TaskType, look: Look): Promise<void> {
  if (task !== 'CAUSAL_LM' && task !== 'SEQ_2_SEQ_LM') {
    for (const check of ['it acts', 'beside others']) await look(check, () => ({ none: `of ${task} it is not looked at` }))
    return
  }
  const scored = async (expression: string): Promise<string> =>
    JSON.stringify(await session.score(expression, [' and it stayed.', ' and nobody knew why.'], prompt))
  const bare = await scored('base')
  await look('it acts', async () => {
    if ((await scored(`base + ${checked}`)) === bare) throw new Fault('composed, it changes nothing of what the model says')
    if ((await scored(`base + 0*${checked}`)) !== bare) throw new Fault('at strength 0 it changes what the model says')
    return 'at strength 1, and at 0 the model answers as if it were not there'
  })
  await look('beside others', async () => {
    const sites = session.adapter(checked).manifest.sites
    const halved = sites.every((site) => siteOf(site).strength !== 'none') ? [`base + 0.5*${checked}`] : []
    const expressions = ['base', `base + ${checked}`, ...halved, 'base']
    const answer = async (expression: string): Promise<string> => (await session.generate(expression, prompt, { maxTokens: 12 })).text
    const alone: string[] = []
    for (const expression of expressions) alone.push(await answer(expression))
    const together = await Promise.all(expressions.map(answer))
    const other = expressions.find((_, i) => together[i] !== alone[i])
    if (other !== undefined) throw new Fault(`in one batch with others, ${other} answers otherwise than alone`)
    return 'in one batch each answers as it does alone'
  })
}

/** What is computed again from PEFT's parameters may be rounded otherwise. */
const rounding = 1e-5

async function throughPeft({ model }: ModelSession, plugin: Plugin, adapter: LoadedAdapter): Promise<Found> {
  if (!plugin.peft) return { none: 'it has none' }
  // It may be the head, which is no method's, that PEFT has no place for.
  if (adapter.state.head) return { none: 'of a classifier it is not looked at' }
  const files = exportPeft(adapter, [plugin], model.spec)
  if (plugin.peft.imports === false) return 'written; the method says that they are not read'
  const baseWeight = (name: string): Float32Array => model.weights.readSync(name)
  const read = (settings: Record<string, unknown>) => importPeft(files, [plugin], { model: model.spec, base: model, baseWeight, settings })
  // A setting that PEFT has no place for is said again by whoever brings its files in.
  const back = await read({}).catch(() => read(adapter.manifest.config as Record<string, unknown>))
  const apart = Object.entries(adapter.state).flatMap(([site, tensors]) =>
    Object.entries(tensors).map(([name, tensor]) => ({ name: `${site}.${name}`, distance: distance(tensor, back.state[site]?.[name]) })),
  )
  const differing = apart.filter((each) => !(each.distance <= rounding)).map(({ name }) => name)
  if (differing.length > 0) throw new Fault(`what PEFT's files give back differs in ${shortened(differing)}`)
  return apart.every((each) => each.distance === 0) ? 'bit for bit' : `but for rounding, by ${rounding} of the largest number at most`
}

/** Largest difference, relative to the largest number; infinite where there is nothing to compare. */
function distance(a: Tensor, b: Tensor | undefined): number {
  if (!b || !sameShape(a.shape, b.shape)) return Infinity
  if (!isFloat(a) || !isFloat(b)) return identical(a, b) ? 0 : Infinity
  const largest = a.data.reduce((most, x) => Math.max(most, Math.abs(x)), 0)
  const apart = a.data.reduce((most, x, i) => Math.max(most, Math.abs(x - b.data[i]!)), 0)
  return apart === 0 ? 0 : apart / largest
}

/** What a check has found, in words. */
class Fault extends Error {}

const shortened = (names: readonly string[]): string => (names.length > 4 ? `${names.slice(0, 3).join(', ')} and ${names.length - 3} more` : names.join(', '))

const equalBytes = (a: Uint8Array, b: Uint8Array): boolean => a.length === b.length && a.every((byte, i) => byte === b[i])
