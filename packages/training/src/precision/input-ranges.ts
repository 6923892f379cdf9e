import { nothingPlaced } from '@weft/adapters'
import { adapterHooks } from '@weft/adapters/hooks'
import { GraphBuilder, type Value } from '@weft/graph'
import { type ModelShape, trainingForward } from '@weft/model'
import type { Tensor } from '@weft/ort'
import { Disposables } from '@weft/ort/disposables'
import { batchTensors, tokenBatch } from '../batch/batch-tensors.ts'
import type { Bucket } from '../batch/batches.ts'
import { encoderDecoderTensors } from '../batch/encoder-decoder-tensors.ts'
import type { TokenRow } from '../data/token-row.ts'
import type { GraphHost } from '../graph/graph-host.ts'
import { trainingSession } from '../graph/training-session.ts'

/** What is read, as one text. */
const MOST_TOKENS = 256

/** The largest magnitude of each input of linear layers, `[K]`, and the modules that read those rows. */
export interface InputRange {
  modules: readonly string[]
  largest: Float32Array
}

/** How large the inputs of a frozen model's linear layers become on the first rows of a text. */
export const inputRanges = async (rows: readonly Pick<TokenRow, 'tokens' | 'targets'>[], model: ModelShape, host: GraphHost): Promise<InputRange[]> => {
  const { runtime, attention } = host
  const most = Math.min(MOST_TOKENS, model.spec.maxPositions)
  const [tokens, targets] = [joined(rows, 'tokens', most), joined(rows, 'targets', most)]
  const bucket: Bucket = { rows: 1, length: tokens.length, lossRows: 1, ...(model.spec.encoderDecoder && { targets: targets.length }) }
  const g = new GraphBuilder('input-ranges')
  const read = inputs(g, model, bucket)
  for (const [i, [x]] of read.entries()) g.output(`largest.${i}`, g.reduceMax(g.abs(x), { axes: [0], keepdims: false }))

  using owned = new Disposables()
  const session = owned.use(await trainingSession(host, model, () => g.build()))
  const batch = model.spec.encoderDecoder
    ? encoderDecoderTensors(runtime, bucket, nothingPlaced, model)
    : batchTensors(runtime, bucket, nothingPlaced, attention, { shifted: false })
  for (const input of Object.values(batch.inputs)) owned.use(input)
  const asked = session.inputs.map(({ name }): [string, Tensor] => [name, batch.inputs[name]])
  const outputs = Object.fromEntries(session.outputs.map(({ name, shape }) => [name, owned.use(runtime.tensor('float32', shape as number[]))]))
  using binding = session.bind({ inputs: Object.fromEntries(asked), outputs })
  const weights = new Float32Array(model.spec.encoderDecoder ? targets.length : tokens.length)
  batch.write(tokenBatch([{ tokens, ...(model.spec.encoderDecoder && { targets }), weights, rowWeight: 1 }], bucket), 1)
  await binding.run()
  return read.map(([, modules], i) => ({ modules, largest: outputs[`largest.${i}`].data.slice() }))
}

/** The rows that linear layers read, and who reads them. */
const inputs = (g: GraphBuilder, model: ModelShape, { rows, length, targets }: Bucket): [Value, string[]][] => {
  const readers = new Map<Value, string[]>()
  const hooks = {
    ...adapterHooks(g, [{ rows, adapters: [] }]),
    linear(module: string, x: Value, apply: (x: Value) => Value): Value {
      readers.set(x, [...(readers.get(x) ?? []), module])
      return apply(x)
    },
  }
  trainingForward(g, model, hooks, { batch: rows, tokens: length, targets })
  return [...readers]
}

const joined = (rows: readonly Pick<TokenRow, 'tokens' | 'targets'>[], of: 'tokens' | 'targets', most: number): Uint32Array => {
  const tokens: number[] = []
  for (const row of rows) {
    if (tokens.length >= most) break
    tokens.push(...(row[of] ?? []))
  }
  return Uint32Array.from(tokens.slice(0, most))
}
