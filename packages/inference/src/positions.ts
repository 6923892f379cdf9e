import { type AttentionInputs, biasInput, RELATIVE_BUCKETS } from '@weft/model'
import type { Runtime, Session, Tensor } from '@weft/ort'

/** The inputs by which a session is told where its tokens stand, of a batch `[B,S]`; `AttentionInputs` writes them. One that asks for none gets none. */
export function positionTensors(
  runtime: Runtime,
  { inputs }: Pick<Session, 'inputs'>,
  attention: Pick<AttentionInputs, 'positionInputs'>,
  B: number,
  S: number,
): Record<string, Tensor> {
  const asked = new Set(inputs.map(({ name }) => name))
  return Object.fromEntries(
    Object.entries(attention.positionInputs(B, S))
      .filter(([name]) => asked.has(name))
      .map(([name, { dtype, shape }]) => [name, runtime.tensor(dtype, shape)]),
  )
}

/** The additive masks of all windows of a model, `[B,1,T,total]`, by the names of their inputs. */
export const biasTensors = (
  runtime: Runtime,
  { windows }: Pick<AttentionInputs, 'windows'>,
  shape: readonly number[],
  values?: (window: number | null) => Float32Array<ArrayBuffer>,
): Record<string, Tensor<'float32'>> =>
  Object.fromEntries(windows.map((window) => [biasInput(window), values ? runtime.tensor('float32', shape, values(window)) : runtime.tensor('float32', shape)]))

/** The buckets of all pairs, `[B,S,total]`, by the name of their input; nothing where distances have no biases. */
export const bucketTensors = (
  runtime: Runtime,
  { relative }: Pick<AttentionInputs, 'relative'>,
  shape: readonly number[],
  values?: BigInt64Array<ArrayBuffer>,
): Record<string, Tensor<'int64'>> => (relative ? { [RELATIVE_BUCKETS]: values ? runtime.tensor('int64', shape, values) : runtime.tensor('int64', shape) } : {})
