import { type TaskType, taskTypes } from '@weft/adapters'
import type { Plugin, PluginRegistry } from '@weft/methods'
import { type HeldModel, type MethodObject, methodListSchema, wireJsonSchema } from '@weft/protocol'
import { Hono } from 'hono'
import { sendJson } from '../../http/body.ts'
import { endpoint } from '../../http/endpoint.ts'
import type { Variables } from '../../http/variables.ts'
import type { ModelCatalog } from '../../resolve/model-catalog.ts'

/** `GET /v1/methods` */
export const methodsRoute = ({ plugins, catalog }: { plugins: PluginRegistry; catalog: ModelCatalog }) =>
  new Hono<Variables>().get(
    '/v1/methods',
    endpoint({ summary: 'Methods that adapters are trained with', tag: 'Fine-tuning', answer: methodListSchema }),
    async (c) => {
      const held = await catalog.list().catch(() => [])
      return sendJson(c, { object: 'list', data: [...plugins].map((plugin) => methodObject(plugin, held)) })
    },
  )

function methodObject({ id, description, paper, sites, tasks = taskTypes, config }: Plugin, held: readonly HeldModel[]): MethodObject {
  return {
    id,
    object: 'method',
    ...(description === undefined ? {} : { description }),
    ...(paper === undefined ? {} : { paper }),
    sites: [...sites],
    tasks: [...tasks],
    bases: held.filter((model) => canTrain(model, sites, tasks)).map(({ name }) => name),
    config: wireJsonSchema(config),
  }
}

/** A base trains what it can do itself, where it lets adapters act. */
const canTrain = ({ spec, sites: served }: HeldModel, sites: readonly string[], tasks: readonly TaskType[]): boolean =>
  spec.tasks.some((task) => tasks.includes(task)) && (served === undefined || sites.every((site) => served.includes(site)))
