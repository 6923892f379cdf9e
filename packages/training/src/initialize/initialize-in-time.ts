import { isWeftError } from '@weft/adapters'
import { type InitContext, initialize, type Param } from '@weft/methods'
import { pluginFailed } from '@weft/methods/errors'
import { cancelled, initializerTimeout } from '../errors.ts'

/** For one parameter. Keys and values of a long text on a few cores take minutes. */
export const initializerMinutes = 30

interface InTime {
  /** Whose parameter it is. */
  method: string
  name: string
  signal?: AbortSignal | undefined
  minutes?: number
}

/**
 * Initial values of one parameter, from a plugin's own code: a cancelled job does not wait for it, and no job for ever. Errors 422 `plugin_failed`, naming
 * plugin and parameter; `initializer_timeout`; `cancelled`.
 */
export async function initializeInTime(
  { init, shape }: Pick<Param, 'init' | 'shape'>,
  context: InitContext,
  { method, name, signal, minutes = initializerMinutes }: InTime,
): Promise<Float32Array> {
  if (signal?.aborted) throw cancelled(0)
  let timer: ReturnType<typeof setTimeout> | undefined
  const ended = Promise.withResolvers<never>()
  const onAbort = (): void => ended.reject(cancelled(0))
  signal?.addEventListener('abort', onAbort, { once: true })
  timer = setTimeout(() => ended.reject(initializerTimeout(method, name, minutes)), minutes * 60_000)
  try {
    const values: unknown = await Promise.race([initialize(init, context, shape, name), ended.promise])
    return checked(values, method, name)
  } catch (error) {
    if (isWeftError(error)) throw error
    throw pluginFailed(
      method,
      `the "init" of its parameter "${name}" threw ${error instanceof Error ? `${error.name}: ${error.message}` : JSON.stringify(error)}`,
      error,
    )
  } finally {
    clearTimeout(timer)
    signal?.removeEventListener('abort', onAbort)
  }
}

function checked(values: unknown, method: string, name: string): Float32Array {
  if (!(values instanceof Float32Array))
    throw pluginFailed(
      method,
      `the "init" of its parameter "${name}" gave ${ArrayBuffer.isView(values) ? `a ${values.constructor.name}` : typeof values}; expected a Float32Array`,
    )
  const at = values.findIndex((value) => !Number.isFinite(value))
  if (at >= 0) throw pluginFailed(method, `the "init" of its parameter "${name}" gave ${values[at]} at ${at}; expected finite numbers`)
  return values
}
