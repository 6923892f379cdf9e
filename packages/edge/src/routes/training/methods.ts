import { type TaskType, taskTypes } from '@weft/adapters'
import { defaultHyperparameters, type HyperparametersInput, type Plugin, type PluginRegistry, usualHyperparameters, type Width } from '@weft/methods'
import { type HeldModel, type MethodObject, methodListSchema, wireJsonSchema } from '@weft/protocol'
import { Hono } from 'hono'
import { sendJson } from '../../http/body.ts'
import { endpoint } from '../../http/endpoint.ts'
import type { Variables } from '../../http/variables.ts'
import type { ModelCatalog } from '../../resolve/model-catalog.ts'

interface Needs {
  plugins: PluginRegistry
  catalog: ModelCatalog
  /** The deployment's defaults. */
  hyperparameters: HyperparametersInput
  /** Of a job that names none. */
  defaultMethod: string
}

/** `GET /v1/methods` */
export const methodsRoute = ({ plugins, catalog, hyperparameters, defaultMethod }: Needs) =>
  new Hono<Variables>().get(
    '/v1/methods',
    endpoint({ summary: 'Methods that adapters are trained with', tag: 'Fine-tuning', answer: methodListSchema }),
    async (c) => {
      const held = await catalog.list().catch(() => [])
      return sendJson(c, {
        object: 'list',
        data: [...plugins].map((plugin) => ({
          ...methodObject(plugin, held, hyperparameters),
          ...(plugin.id === defaultMethod && { isDefault: true as const }),
        })),
      })
    },
  )

function methodObject(plugin: Plugin, held: readonly HeldModel[], hyperparameters: HyperparametersInput): MethodObject {
  const { id, description, paper, sites, tasks = taskTypes, config } = plugin
  const bases = held.filter((model) => canTrain(model, sites, tasks))
  const on = (width?: Width) => defaultHyperparameters({ ...hyperparameters, ...usualHyperparameters(plugin, width) })
  const usual = on()
  const others = bases.map(({ name, spec }) => [name, on(spec).learningRate] as const).filter(([, rate]) => rate !== usual.learningRate)
  return {
    id,
    object: 'method',
    ...(description === undefined ? {} : { description }),
    ...(paper === undefined ? {} : { paper }),
    sites: [...sites],
    tasks: [...tasks],
    bases: bases.map(({ name }) => name),
    config: wireJsonSchema(config),
    hyperparameters: usual,
    ...(others.length > 0 && { learningRates: Object.fromEntries(others) }),
  }
}

/** A base trains what it can do itself, where it lets adapters act. */
const canTrain = ({ spec, sites: served }: HeldModel, sites: readonly string[], tasks: readonly TaskType[]): boolean =>
  spec.tasks.some((task) => tasks.includes(task)) && (served === undefined || sites.every((site) => served.includes(site)))
