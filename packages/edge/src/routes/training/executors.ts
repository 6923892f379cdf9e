import type { PluginRegistry } from '@weft/methods'
import { type ExecutorObject, executorListSchema } from '@weft/protocol'
import { Hono } from 'hono'
import { differencesOf } from '../../executors/differences.ts'
import type { Executors } from '../../executors/executors.ts'
import { hasTrainer } from '../../executors/trainable.ts'
import { sendJson } from '../../http/body.ts'
import { endpoint } from '../../http/endpoint.ts'
import type { Variables } from '../../http/variables.ts'

interface Needs {
  executors: Executors
  plugins: PluginRegistry
}

const description = endpoint({ summary: 'Who trains besides runners of Weft, and what is lost there', tag: 'Fine-tuning', answer: executorListSchema })

/** `GET /v1/executors`: those that the deployment declares. Each is asked whether it answers. */
export const executorsRoute = ({ executors, plugins }: Needs) => {
  const methods = [...plugins].filter(hasTrainer).map(({ id }) => id)
  const show = async (id: string): Promise<ExecutorObject> => {
    const hindrance = await executors.reach(id)
    const config = executors.config(id)
    const found = executors.models.filter((model) => executors.pathOf(id, model) !== undefined)
    return {
      id,
      object: 'executor',
      kind: config.kind,
      available: hindrance === undefined,
      ...(hindrance && { reason: hindrance.message }),
      methods,
      models: found,
      differences: differencesOf(config.kind),
    }
  }
  return new Hono<Variables>().get('/v1/executors', description, async (c) =>
    sendJson(c, { object: 'list', data: await Promise.all(executors.names.map(show)) }),
  )
}
