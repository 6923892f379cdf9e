import { mostLearningRate } from '@weft/methods'
import { invalidRequest } from '../errors.ts'

type Fields = Record<string, unknown>
const isFields = (value: unknown): value is Fields => value !== null && typeof value === 'object' && !Array.isArray(value)

/**
 * A job as OpenAI's clients may write it, in the words that every job is checked in: without a method, or with `supervised`, it is the deployment's own
 * method, and the hyperparameters under `supervised` are the job's. Error 400 `invalid_request` for what stands beside them.
 */
export function ofSupervised(body: unknown, defaultMethod: string): unknown {
  if (!isFields(body)) return body
  const { method } = body
  if (method === undefined || method === null) return { ...body, method: { type: defaultMethod } }
  if (!isFields(method) || method.type !== 'supervised') return body
  const { type: _, supervised, ...others } = method
  const [strange] = Object.keys(others)
  if (strange !== undefined) throw invalidRequest('the config of "supervised" stands under "supervised"', `method.${strange}`)
  if (supervised !== undefined && supervised !== null && !isFields(supervised)) throw invalidRequest('expected an object', 'method.supervised')
  const { hyperparameters, ...rest } = supervised ?? {}
  const [unknown] = Object.keys(rest)
  if (unknown !== undefined) throw invalidRequest('expected "hyperparameters" alone', `method.supervised.${unknown}`)
  if (hyperparameters !== undefined && isFields(body.hyperparameters) && Object.keys(body.hyperparameters).length > 0)
    throw invalidRequest('method.supervised has hyperparameters of its own: give them in one place', 'hyperparameters')
  return { ...body, method: { type: defaultMethod }, ...(hyperparameters === undefined || hyperparameters === null ? {} : { hyperparameters }) }
}

/**
 * Hyperparameters with `learning_rate_multiplier` made a rate: so many times the one that would be taken without it. Error 400 `invalid_request` beside
 * a rate, and for what is no positive number.
 */
export function withMultipliedRate(hyperparameters: unknown, usualRate: number): unknown {
  if (!isFields(hyperparameters) || !('learning_rate_multiplier' in hyperparameters)) return hyperparameters
  const { learning_rate_multiplier: multiplier, ...rest } = hyperparameters
  if (multiplier === 'auto' || multiplier === null) return rest
  const param = 'hyperparameters.learning_rate_multiplier'
  if (typeof multiplier !== 'number' || !(multiplier > 0)) throw invalidRequest(`expected a number above 0, or "auto"`, param)
  if (typeof rest.learning_rate === 'number') throw invalidRequest('hyperparameters has a learning_rate too: give one of them', param)
  const rate = usualRate * multiplier
  if (rate > mostLearningRate)
    throw invalidRequest(`so many times ${usualRate}, the usual rate, is ${rate}; a rate above ${mostLearningRate} trains nothing`, param)
  return { ...rest, learning_rate: rate }
}
