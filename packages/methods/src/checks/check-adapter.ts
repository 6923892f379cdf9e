import {
  type AdapterManifest,
  canonicalJson,
  describeIssues,
  type LoadedAdapter,
  type ModelSpec,
  nearest,
  type Pooling,
  snakeCase,
  type TaskType,
  taskTypes,
} from '@weft/adapters'
import { quoted } from '@weft/adapters/error-text'
import { invalidManifest } from '@weft/adapters/errors'
import { readConfig } from '../config/read-config.ts'
import { madeByUnknownMethod, warmStartRefused } from '../errors.ts'
import { hasClassifier } from '../peft/head.ts'
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

/** What a job's classifier tells apart, and where it reads. */
interface JobHead {
  task: TaskType
  /** In the order of the head's. */
  labels?: readonly string[] | undefined
  pooling?: Pooling | undefined
}

/**
 * That training may start from an adapter's head. One of as many classes fits by its numbers alone, and would begin as what tells other classes
 * apart, or reads elsewhere; one that the job has no place for would be lost. Error 409 `cannot_warm_start`.
 */
export function checkWarmStartHead(job: JobHead, from: { reference: string; manifest: Pick<AdapterManifest, 'task' | 'labels' | 'pooling'> }): void {
  const { task, labels: theirs = [], pooling = 'peft' } = from.manifest
  const { labels = [], pooling: asked = 'peft' } = job
  const refuse = (why: string): never => {
    throw warmStartRefused(from.reference, why)
  }
  if (hasClassifier(task) && task !== job.task) refuse(`it was trained for ${task}, this job is for ${job.task}`)
  if (!hasClassifier(job.task)) return
  if (theirs.join('\n') !== labels.join('\n')) refuse(`its labels are ${theirs.length ? quoted(theirs) : 'none'}, those of this job's rows ${quoted(labels)}`)
  if (pooling !== asked) refuse(`its pooling is "${pooling}", this job's "${asked}"`)
}

/** A config with what its texts are in tokens, which is compared where a tokenizer is at hand; undefined where it says both, and nothing is left to one. */
function leftToTokenizer({ tokenized }: Plugin, config: unknown): Record<string, unknown> | undefined {
  try {
    return tokenized?.(config, () => [0]) as Record<string, unknown> | undefined
  } catch {
    return undefined
  }
}
