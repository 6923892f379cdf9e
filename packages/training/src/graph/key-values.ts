import { nothingPlaced } from '@weft/adapters'
import { adapterHooks } from '@weft/adapters/hooks'
import { GraphBuilder, type Value } from '@weft/graph'
import { loadGraph } from '@weft/inference/load-graph'
import { biasTensors, bucketTensors, positionTensors } from '@weft/inference/positions'
import { type AttentionInputs, biasInput, type LoadedModel, trainingForward, trainingLayout } from '@weft/model'
import type { Runtime, Session, SessionOptions, Tensor } from '@weft/ort'
import { Disposables } from '@weft/ort/disposables'
import { tokenBatch } from '../batch/batch-tensors.ts'
import { encoderDecoderTensors } from '../batch/encoder-decoder-tensors.ts'

/**
 * The keys and values that the frozen model computes for tokens standing at the very beginning, `[L, 2, K, n, D]`: keys as a
 * key/value cache holds them, rotated to positions 0 … n−1. A prefix is met without rotation while the text after it starts at
 * position n, so a prefix of these values is exactly those tokens in front of the text. An encoder-decoder's are its decoder's, as the
 * beginning of an answer to a prompt of the same tokens.
 */
export const keyValuesOf = async (
  ids: readonly number[],
  { model, runtime, session, attention }: { model: LoadedModel; runtime: Runtime; session: SessionOptions; attention: AttentionInputs },
): Promise<Float32Array> => {
  const { numLayers, numKeyValueHeads, headDim } = model.spec
  const g = new GraphBuilder('key-values')
  const seen: Value[] = []
  trainingForward(
    g,
    model,
    {
      ...adapterHooks(g, [{ rows: 1, adapters: [] }]),
      keyValue: (_, k, v) => {
        seen.push(k, v)
        return { k, v }
      },
    },
    { batch: 1, tokens: ids.length, targets: ids.length },
  )
  const shape = [numLayers, 2, numKeyValueHeads, ids.length, headDim]
  g.output('key_values', g.reshape(g.concat(seen, 0), shape))

  // Run once: weights that it rearranged would stay in the store beside those that training reads.
  using ready = await loadGraph(runtime, g.build(), model, { prepack: false, ...session })
  using output = runtime.tensor('float32', shape)
  if (model.spec.encoderDecoder) return await answered(ids, model, runtime, ready, output)

  const layout = trainingLayout({ rows: [{ tokens: ids }], tokens: ids.length, attention })
  using input = runtime.tensor('int64', [1, ids.length], layout.inputIds)
  using owned = new Disposables()
  const places = positionTensors(runtime, ready, attention, 1, ids.length)
  for (const place of Object.values(places)) owned.use(place)
  attention.writePositions(layout.positions, places)
  const biases: Record<string, Tensor> = {
    ...biasTensors(runtime, attention, [1, 1, ids.length, ids.length], (window) => layout.attentionBias[biasInput(window)]),
    ...bucketTensors(runtime, attention, [1, ids.length, ids.length], layout.buckets),
  }
  for (const bias of Object.values(biases)) owned.use(bias)
  using binding = ready.bind({ inputs: { input_ids: input, ...places, ...biases }, outputs: { key_values: output } })
  await binding.run()
  return output.data.slice()
}

/** The decoder is fed the tokens themselves, and each position is asked for the next: what is learned does not matter here. */
const answered = async (ids: readonly number[], model: LoadedModel, runtime: Runtime, session: Session, output: Tensor<'float32'>): Promise<Float32Array> => {
  const n = ids.length
  const bucket = { rows: 1, length: n, targets: n, lossRows: n }
  const spec = { ...model.spec, encoderDecoder: { ...model.spec.encoderDecoder!, decoderStartTokenId: ids[0] } }
  const { inputs, write } = encoderDecoderTensors(runtime, bucket, nothingPlaced, { ...model, spec })
  using owned = new Disposables()
  for (const tensor of Object.values(inputs)) owned.use(tensor)
  write(
    tokenBatch(
      [{ tokens: Uint32Array.from(ids), targets: Uint32Array.from([...ids.slice(1), 0]), weights: new Float32Array(n).fill(1), rowWeight: 1 }],
      bucket,
    ),
    1,
  )
  const asked = session.inputs.map(({ name }): [string, Tensor] => [name, inputs[name]])
  using binding = session.bind({ inputs: Object.fromEntries(asked), outputs: { key_values: output } })
  await binding.run()
  return output.data.slice()
}
