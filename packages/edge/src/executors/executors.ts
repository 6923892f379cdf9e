import { isWeftError, type WeftError } from '@weft/adapters'
import type { ExecutorConfig, LocalExecutorConfig, WeftConfig } from '@weft/protocol'
import type { Send } from './calls.ts'
import { executorNotFound, executorNotHere, executorSecretMissing } from './errors.ts'
import type { Executor } from './executor.ts'
import { kubeflowExecutor } from './kubeflow.ts'
import { rayExecutor } from './ray.ts'

/** Processes of a host that can start some. */
export interface LocalProcesses {
  open(name: string, config: LocalExecutorConfig): Executor
  /** Where they reach the edge. */
  url(): string
}

/** The executors that a deployment declares. */
export interface Executors {
  readonly names: readonly string[]
  /** Base models that the deployment names. */
  readonly models: readonly string[]
  /** Error 404 `executor_not_found`. */
  config(name: string): ExecutorConfig
  /** What keeps this edge from asking it for a trainer, as `open` would throw it; undefined where nothing does. The executor itself is not asked. */
  hindrance(name: string): WeftError | undefined
  /** The same, and why it does not answer: it is asked. */
  reach(name: string): Promise<WeftError | undefined>
  /** Where its trainers find a base model; undefined where nobody says. */
  pathOf(name: string, model: string): string | undefined
  /** Error 422 `executor_not_here`, 500 `executor_secret_missing`. */
  open(name: string): Executor
  /** Where its trainers reach this edge. */
  edgeOf(name: string): string
}

/**
 * @param secret the value of a variable of the deployment
 * @param processes of a host that can start some
 */
export function openExecutors(
  { executors = {}, models }: Pick<WeftConfig, 'executors' | 'models'>,
  { secret, processes, send }: { secret: (variable: string) => string | undefined; processes: LocalProcesses | undefined; send: Send },
): Executors {
  const names = Object.keys(executors)
  const config = (name: string): ExecutorConfig => {
    if (!Object.hasOwn(executors, name)) throw executorNotFound(name, names)
    return executors[name]!
  }
  const here = (name: string): LocalProcesses => {
    if (!processes) throw executorNotHere(name)
    return processes
  }
  const secretOf = (name: string, variable: string | undefined): string | undefined => {
    if (variable === undefined) return undefined
    const value = secret(variable)
    if (!value) throw executorSecretMissing(name, variable)
    return value
  }
  const open = (name: string): Executor => {
    const executor = config(name)
    switch (executor.kind) {
      case 'local':
        return here(name).open(name, executor)
      case 'ray':
        return rayExecutor(name, executor, secretOf(name, executor.token), send)
      case 'kubeflow':
        return kubeflowExecutor(name, executor, secretOf(name, executor.token), send)
    }
  }
  return {
    names,
    models: Object.keys(models),
    config,
    pathOf: (name, model) => config(name).models?.[model] ?? models[model]?.hub,
    hindrance(name) {
      try {
        open(name)
        return undefined
      } catch (error) {
        return ours(error)
      }
    },
    reach: async (name) => {
      try {
        await open(name).reach()
        return undefined
      } catch (error) {
        return ours(error)
      }
    },
    open,
    edgeOf: (name) => config(name).edge ?? here(name).url(),
  }
}

/** What was foreseen; anything else is thrown. */
const ours = (error: unknown): WeftError => {
  if (isWeftError(error)) return error
  throw error
}
