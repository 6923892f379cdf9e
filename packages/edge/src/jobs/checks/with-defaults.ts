import { toWire } from '@weft/adapters'
import {
  defaultHyperparameters,
  type Hyperparameters,
  type HyperparametersInput,
  hyperparametersSchema,
  type Plugin,
  usualHyperparameters,
} from '@weft/methods'
import { withoutAuto } from '@weft/protocol'
import { invalidRequest } from '../../errors.ts'
import { withMultipliedRate } from '../supervised.ts'

/** What the method, and beneath it the deployment, sets where the request says nothing of its own: a field that is absent, null or "auto". */
export function withDefaults(body: unknown, defaults: HyperparametersInput): unknown {
  if (body === null || typeof body !== 'object') return body
  const { hyperparameters = {} } = body as { hyperparameters?: object | null }
  // Refused as it stands.
  if (typeof hyperparameters !== 'object' || Array.isArray(hyperparameters)) return body
  const usual = toWire(hyperparametersSchema, defaults) as { learning_rate?: number; max_steps?: number }
  const rate = usual.learning_rate ?? hyperparametersSchema.parse({}).learningRate
  const own = withoutAuto(withMultipliedRate(hyperparameters ?? {}, rate)) as {
    n_epochs?: unknown
    max_steps?: unknown
    optimizer?: unknown
    betas?: unknown
    eps?: unknown
  }
  // A job's own hyperparameters, as the server tells them, can be sent again.
  const told = defaultHyperparameters(defaults)
  if ((own.optimizer ?? told.optimizer) === 'adafactor')
    for (const name of ['betas', 'eps'] as const)
      if (own[name] !== undefined && String(own[name]) !== String(told[name]))
        throw invalidRequest(`"${name}" is of AdamW, and adafactor has no use for it: leave it out, or name the optimizer "adamw"`, `hyperparameters.${name}`)
  // A usual number of steps would hide the epochs that were asked for.
  if (own.n_epochs !== undefined) {
    if (own.max_steps !== undefined && own.n_epochs !== told.nEpochs)
      throw invalidRequest('"max_steps" says how long it trains, and "n_epochs" nothing beside it: leave one of them out', 'hyperparameters.n_epochs')
    if (own.max_steps === undefined) delete usual.max_steps
  }
  return { ...body, hyperparameters: { ...usual, ...own } }
}

/**
 * How many times its method's own rate a job has, where that depends on the base; nothing where it does not, or the request says a rate. Of a job whose
 * base nobody tells of, the rate is settled by it when the job is given away.
 */
export function timesUsualRate(plugin: Plugin, body: unknown, { learningRate }: Pick<Hyperparameters, 'learningRate'>): number | undefined {
  const { hyperparameters } = body as { hyperparameters?: { learning_rate?: unknown } | null }
  if (typeof plugin.hyperparameters?.learningRate !== 'function' || typeof hyperparameters?.learning_rate === 'number') return undefined
  return learningRate / usualHyperparameters(plugin).learningRate!
}
