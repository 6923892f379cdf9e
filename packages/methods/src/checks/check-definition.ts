import { describeIssues, nearest, sites, type TaskType, taskTypes } from '@weft/adapters'
import { listed, quoted } from '@weft/adapters/error-text'
import { invalidPlugin } from '../errors.ts'
import { givenHyperparametersSchema } from '../hyperparameters.ts'
import { kindOf } from '../kind-of.ts'

const functions = ['params', 'encode'] as const
const optionalFunctions = ['tasksOf', 'encodeBatch', 'numTasks', 'tokenized', 'awaits', 'asked', 'constants', 'decode', 'requires'] as const

/**
 * That a definition has what every method needs, in the form that is read: its author may have no types. What only a model can tell, `encodedShapes` does.
 * Error `invalid_plugin`.
 */
export function checkDefinition(given: unknown): void {
  if (given === null || typeof given !== 'object')
    throw invalidPlugin('?', `it is ${kindOf(given)}; expected definePlugin({ id, sites, config, params, encode })`)
  const plugin = given as Record<string, unknown>
  const { id: name } = plugin
  const id = typeof name === 'string' ? name : '?'
  if (!/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(id)) throw invalidPlugin(id, 'its id must be kebab-case, like "my-method"')
  if (!Array.isArray(plugin.sites)) throw invalidPlugin(id, `its "sites" is ${kindOf(plugin.sites)}; expected a list of ${quoted(trained())}`)
  for (const site of plugin.sites) checkSite(id, site)
  // Of either of zod's faces: both have this.
  if (plugin.config === null || typeof plugin.config !== 'object' || !('_zod' in plugin.config))
    throw invalidPlugin(id, `its "config" is ${kindOf(plugin.config)}; expected a zod schema of version 4, such as z.strictObject({ … })`)
  for (const part of functions) if (typeof plugin[part] !== 'function') throw invalidPlugin(id, `its "${part}" is ${kindOf(plugin[part])}; expected a function`)
  for (const part of optionalFunctions)
    if (plugin[part] !== undefined && typeof plugin[part] !== 'function')
      throw invalidPlugin(id, `its "${part}" is ${kindOf(plugin[part])}; expected a function, or leave it out`)
  const { error } = givenHyperparametersSchema.safeParse(plugin.hyperparameters ?? {})
  // A config in TypeScript: fields are told as they stand there.
  if (error) throw invalidPlugin(id, listed(describeIssues(error.issues, 'hyperparameters', givenHyperparametersSchema, (field) => field)))
  if (plugin.tasks !== undefined && !(Array.isArray(plugin.tasks) && plugin.tasks.every((task) => taskTypes.includes(task as TaskType))))
    throw invalidPlugin(id, `its "tasks" is ${JSON.stringify(plugin.tasks)}; expected a list of ${quoted(taskTypes)}, or leave it out for all`)
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

/** Looked up when asked: a site may be added. */
const trained = (): string[] => Object.keys(sites).filter((site) => site !== 'head')
