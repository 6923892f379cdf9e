import { type LoadedAdapter, nearest, type TaskType, taskTypes } from '@weft/adapters'
import { checkDefinition } from './checks/check-definition.ts'
import { duplicatePlugin, methodNotFound, requiredSite, taskNotSupported } from './errors.ts'
import { ofPlugin } from './of-plugin.ts'
import type { Plugin } from './plugin.ts'

/** The methods a host offers, by id. */
export class PluginRegistry {
  readonly #plugins = new Map<string, Plugin>()

  /** Error 500 `invalid_plugin` where two have one id, and for what is no plugin. */
  constructor(plugins: Iterable<Plugin>) {
    for (const plugin of plugins) {
      checkDefinition(plugin)
      if (this.#plugins.has(plugin.id)) throw duplicatePlugin(plugin.id)
      this.#plugins.set(plugin.id, plugin)
    }
  }

  /** Error 404 `method_not_found`, with the nearest ids. */
  get(id: string): Plugin {
    const plugin = this.#plugins.get(id)
    if (!plugin) throw methodNotFound(id, nearest(id, this.ids()), this.ids())
    return plugin
  }

  /** The same, or undefined. */
  find(id: string): Plugin | undefined {
    return this.#plugins.get(id)
  }

  ids(): string[] {
    return [...this.#plugins.keys()]
  }

  [Symbol.iterator](): IterableIterator<Plugin> {
    return this.#plugins.values()
  }
}

/** Error 400 `task_not_supported` when a method, or this config of it, cannot be trained for a task. */
export function checkTask(plugin: Plugin, task: TaskType, config?: unknown): void {
  const tasks = (config === undefined ? undefined : ofPlugin(plugin, 'tasksOf', () => plugin.tasksOf?.(config))) ?? plugin.tasks ?? taskTypes
  if (!tasks.includes(task)) throw taskNotSupported(plugin.id, task, tasks)
}

/** Error 400 `required_site_missing` unless an adapter that a method builds on acts where the method says. Its manifest tells, before any tensor is read. */
export function checkRequired({ id, requiredSite: site }: Pick<Plugin, 'id' | 'requiredSite'>, ref: string, sites: readonly string[]): void {
  if (site && !sites.includes(site)) throw requiredSite(ref, site, id, sites)
}

/** Error 400 `required_site_missing` unless every required adapter acts at `site`. For `params` of methods that build on another adapter. */
export function requireSite(method: string, required: readonly LoadedAdapter[], index: number, site: string): LoadedAdapter {
  const adapter = required[index]
  if (!adapter?.state[site]) throw requiredSite(adapter?.manifest.method ?? `required adapter ${index}`, site, method, Object.keys(adapter?.state ?? {}))
  return adapter
}
