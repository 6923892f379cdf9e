import { describeIssues, fieldsAt, nearest, sites, type TaskType, taskTypes } from '@weft/adapters'
import { listed, quoted } from '@weft/adapters/error-text'
import type { $ZodType } from 'zod/v4/core'
import { invalidPlugin } from '../errors.ts'
import { givenHyperparametersSchema } from '../hyperparameters.ts'
import { isMap, kindOf } from '../kind-of.ts'
import { checkSchema } from './check-schema.ts'

const functions = ['params', 'encode'] as const
const optionalFunctions = ['tasksOf', 'encodeBatch', 'numTasks', 'tokenized', 'awaits', 'asked', 'constants', 'decode', 'requires'] as const

/** Every part that is read, as the type has them. */
export const parts = {
  id: true,
  description: true,
  paper: true,
  sites: true,
  tasks: true,
  tasksOf: true,
  config: true,
  params: true,
  encode: true,
  encodeBatch: true,
  numTasks: true,
  tokenized: true,
  awaits: true,
  asked: true,
  trains: true,
  constants: true,
  decode: true,
  requires: true,
  requiredSite: true,
  hyperparameters: true,
  searchSpace: true,
  fromPairs: true,
  fromDocument: true,
  peft: true,
}

/** What a job's `method` says besides the id of one (`{ type: … }`), and how OpenAI's clients ask for training: a method of that name would not be asked for. */
const takenIds = ['type', 'supervised', 'dpo', 'reinforcement']

/** Tasks that train a classifier, with a method or without. */
const classifying: readonly unknown[] = ['SEQ_CLS', 'TOKEN_CLS'] satisfies TaskType[]

/**
 * That a definition has what every method needs, in the form that is read, and nothing that is not: its author may have no types. What only a model can tell,
 * `encodedShapes` does. Error `invalid_plugin`.
 */
export function checkDefinition(given: unknown): void {
  if (given === null || typeof given !== 'object')
    throw invalidPlugin('?', `it is ${kindOf(given)}; expected definePlugin({ id, sites, config, params, encode })`)
  const plugin = given as Record<string, unknown>
  const id = idOf(plugin.id)
  const strange = Object.keys(plugin).find((part) => !Object.hasOwn(parts, part) && plugin[part] !== undefined)
  if (strange !== undefined) {
    const [near] = nearest(strange, Object.keys(parts), 1)
    throw invalidPlugin(id, `it has "${strange}", which nothing reads; ${near ? `did you mean "${near}"?` : `there are ${quoted(Object.keys(parts))}`}`)
  }
  if (!Array.isArray(plugin.sites)) throw invalidPlugin(id, `its "sites" is ${kindOf(plugin.sites)}; expected a list of ${quoted(trained())}`)
  for (const site of plugin.sites) checkSite(id, site)
  checkOnce(id, 'sites', plugin.sites)
  checkSchema(id, plugin.config)
  for (const part of functions) if (typeof plugin[part] !== 'function') throw invalidPlugin(id, `its "${part}" is ${kindOf(plugin[part])}; expected a function`)
  for (const part of optionalFunctions)
    if (plugin[part] !== undefined && typeof plugin[part] !== 'function')
      throw invalidPlugin(id, `its "${part}" is ${kindOf(plugin[part])}; expected a function, or leave it out`)
  const { error } = givenHyperparametersSchema.safeParse(statedHyperparameters(id, plugin.hyperparameters))
  // A config in TypeScript: fields are told as they stand there.
  if (error) throw invalidPlugin(id, listed(describeIssues(error.issues, 'hyperparameters', givenHyperparametersSchema, (field) => field)))
  const { tasks } = plugin
  if (tasks !== undefined && !(Array.isArray(tasks) && tasks.length > 0 && tasks.every((task) => taskTypes.includes(task as TaskType))))
    throw invalidPlugin(id, `its "tasks" is ${JSON.stringify(tasks)}; expected a list of ${quoted(taskTypes)}, or leave it out for all`)
  if (Array.isArray(tasks)) checkOnce(id, 'tasks', tasks)
  // Only a classifier's head is left to train then.
  if (plugin.sites.length === 0 && !(Array.isArray(tasks) && tasks.every((task) => classifying.includes(task))))
    throw invalidPlugin(id, `its "sites" is an empty list, so it would change nothing; expected some of ${quoted(trained())}, or "tasks" of classifiers alone`)
  if (plugin.searchSpace !== undefined) checkSearchSpace(id, plugin.searchSpace, plugin.config)
}

/** With the rate that there is without a model, where it is one for each model. */
function statedHyperparameters(id: string, given: unknown): unknown {
  const { learningRate } = (isMap(given) ? given : {}) as { learningRate?: unknown }
  if (typeof learningRate !== 'function') return given ?? {}
  try {
    return { ...(given as object), learningRate: learningRate() }
  } catch (error) {
    throw invalidPlugin(id, `its "hyperparameters.learningRate" threw ${String(error)} without a model; expected the rate of where none is known`)
  }
}

function idOf(given: unknown): string {
  const id = typeof given === 'string' ? given : '?'
  if (takenIds.includes(id)) throw invalidPlugin(id, `its id is a word of the API itself, and never told a method; ${quoted(takenIds)} are taken. Take another`)
  if (id in Object.prototype) throw invalidPlugin(id, 'its id is a name that every object has; take another')
  if (!/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(id)) throw invalidPlugin(id, 'its id must be kebab-case, like "my-method"')
  return id
}

function checkSite(id: string, site: unknown): void {
  if (site === 'head') throw invalidPlugin(id, 'its "sites" lists "head", which training adds to every method for a classifier; leave it out')
  if (typeof site === 'string' && Object.hasOwn(sites, site)) return
  const [near] = typeof site === 'string' ? nearest(site, trained(), 1) : []
  throw invalidPlugin(
    id,
    `its "sites" lists ${JSON.stringify(site)}, and there is no such site${near ? `; did you mean "${near}"?` : '.'} There are ${quoted(trained())}`,
  )
}

function checkOnce(id: string, part: string, list: readonly unknown[]): void {
  const twice = list.find((item, i) => list.indexOf(item) !== i)
  if (twice !== undefined) throw invalidPlugin(id, `its "${part}" lists ${JSON.stringify(twice)} twice; list each once`)
}

function checkSearchSpace(id: string, given: unknown, config: $ZodType): void {
  const { learningRate, setting } = (isMap(given) ? given : {}) as { learningRate?: unknown; setting?: { name?: unknown; values?: unknown } }
  const isList = (value: unknown): boolean => Array.isArray(value) && value.length > 0
  if (!isList(learningRate) || !isMap(setting) || typeof setting?.name !== 'string' || !isList(setting.values))
    throw invalidPlugin(id, 'its "searchSpace" is no grid; expected { learningRate: [1e-2, …], setting: { name: "…", values: [ … ] } }')
  const fields = fieldsAt(config)
  if (fields.includes(setting.name)) return
  const [near] = nearest(setting.name, fields, 1)
  throw invalidPlugin(
    id,
    `its "searchSpace" names the setting "${setting.name}", which its config does not have${near ? `; did you mean "${near}"?` : `. There are ${quoted(fields) || 'none'}`}`,
  )
}

/** Looked up when asked: a site may be added. */
const trained = (): string[] => Object.keys(sites).filter((site) => site !== 'head')
