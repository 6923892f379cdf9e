import { type AdapterManifest, canonicalJson, describeIssues, type LoadedAdapter, type ModelSpec, nearest, snakeCase, taskTypes } from '@weft/adapters'
import { invalidManifest } from '@weft/adapters/errors'
import { readConfig } from '../config/read-config.ts'
import { madeByUnknownMethod, warmStartRefused } from '../errors.ts'
import type { Plugin } from '../plugin.ts'
import type { PluginRegistry } from '../registry.ts'
import { checkConfig } from './check-config.ts'

/**
 * That an adapter is what an installed method could have made: the method is there, its schema takes the config, it acts at these
 * sites and can do the task; with a model, that config and tensors belong together. Errors 422 `method_not_found`, `manifest_invalid`, `config_contradicted`.
 */
export function checkAdapter(adapter: Pick<LoadedAdapter, 'manifest' | 'state'>, plugins: PluginRegistry, model?: ModelSpec): void {
  const { method, config, sites, task } = adapter.manifest
  const refuse = (param: string, message: string): never => {
    throw invalidManifest([{ param, message }])
  }
  const plugin = plugins.find(method)
  if (!plugin) throw madeByUnknownMethod(method, nearest(method, plugins.ids()), plugins.ids())
  const parsed = readConfig(plugin, config)
  if (parsed.error) throw invalidManifest(describeIssues(parsed.error.issues, 'config', plugin.config))
  const strange = sites.find((site) => site !== 'head' && !(plugin.sites as readonly string[]).includes(site))
  if (strange !== undefined) refuse('sites', `"${method}" does not act at the site "${strange}"`)
  if (!(plugin.tasksOf?.(parsed.data) ?? plugin.tasks ?? taskTypes).includes(task)) refuse('task', `"${method}" is not for ${task}`)
  if (model) checkConfig(plugin, adapter, model)
}

/**
 * That training may start from an adapter: it was made by the same method at the same config. Error 409 `cannot_warm_start`, naming the fields
 * that differ.
 */
export function checkWarmStart(plugin: Plugin, config: unknown, from: { reference: string; manifest: Pick<AdapterManifest, 'method' | 'config'> }): void {
  const { method, config: given } = from.manifest
  if (method !== plugin.id) throw warmStartRefused(from.reference, `it was made with "${method}", this job trains with "${plugin.id}"`)
  const theirs = readConfig(plugin, given)
  if (theirs.error) throw warmStartRefused(from.reference, `"${plugin.id}" does not take its config`)
  const [a, b] = [theirs.data, config] as Record<string, unknown>[]
  const text = (value: unknown): string => (value === undefined ? 'nothing' : canonicalJson(value))
  const told = leftToTokenizer(plugin, config)
  const other = [...new Set([...Object.keys(a), ...Object.keys(b)])].filter(
    (field) => text(a[field]) !== text(b[field]) && !(told && text(told[field]) !== text(b[field])),
  )
  if (other.length)
    throw warmStartRefused(from.reference, other.map((field) => `its ${snakeCase(field)} is ${text(a[field])}, this job's ${text(b[field])}`).join('; '))
}

/** A config with what its texts are in tokens, which is compared where a tokenizer is at hand; undefined where it says both, and nothing is left to one. */
function leftToTokenizer({ tokenized }: Plugin, config: unknown): Record<string, unknown> | undefined {
  try {
    return tokenized?.(config, () => [0]) as Record<string, unknown> | undefined
  } catch {
    return undefined
  }
}
