import type { FloatTensor, SiteValues } from '@weft/adapters'
import { GraphBuilder, interpret, type TensorData } from '@weft/graph'
import { encoderDecoderLayout, type LoadedModel, trainingForward } from '@weft/model'
import { hooksOf } from '../cases/hooks.ts'

/** What acts on a model, as training sees it: every adapter by itself. */
export interface Acting {
  adapters?: Record<string, Record<string, FloatTensor>>[]
  rowBias?: Float32Array
  prefixBias?: Float32Array
}

/**
 * Logits `[U, V]` of an answer's positions, by the training graph in the reference interpreter: everything computed at once, nothing kept.
 * @param answer what the decoder is fed behind its start token
 */
export async function fullAnswer(
  model: LoadedModel,
  prompt: readonly number[],
  answer: readonly number[],
  { adapters = [], rowBias, prefixBias }: Acting = {},
): Promise<Float32Array> {
  const { spec, architecture, config } = model
  const g = new GraphBuilder('oracle')
  const sites = adapters.map(
    (adapter): SiteValues =>
      Object.fromEntries(
        Object.entries(adapter).map(([site, tensors]) => [
          site,
          Object.fromEntries(Object.entries(tensors).map(([name, { data, shape }]) => [name, g.constant(data, shape)])),
        ]),
      ),
  )
  const hooks = hooksOf(g, sites)
  const [T, U] = [prompt.length, answer.length + 1]
  const { hidden, overVocabulary } = trainingForward(g, model, hooks, { batch: 1, tokens: T, targets: U })
  const { rows: read, weight } = overVocabulary(hidden)
  g.output('logits', g.gemm(read, weight, { transB: true }))
  const { rows, prefix } = hooks.placement
  const layout = encoderDecoderLayout({
    // What stands at the last position is fed to nobody.
    rows: [{ tokens: prompt, labels: [...answer, 0] }],
    tokens: T,
    targets: U,
    relative: architecture.encoderDecoder!.relativePositions(config),
    decoderStartTokenId: spec.encoderDecoder!.decoderStartTokenId,
    placement: { ...hooks.placement, ...(rowBias && { rowBias }), ...(prefixBias && { prefixBias }) },
  })
  const S = rows + T
  const long = (shape: number[], data: BigInt64Array): TensorData => ({ dtype: 'int64', shape, data })
  const float = (shape: number[], data: Float32Array): TensorData => ({ dtype: 'float32', shape, data })
  const weights: Record<string, TensorData> = {}
  for (const name of model.weights.names) weights[name] = float(model.weights.shape(name), await model.weights.read(name))
  return interpret(
    g.build(),
    {
      input_ids: long([1, T], layout.inputIds),
      decoder_input_ids: long([1, U], layout.decoderInputIds),
      encoder_attention_bias: float([1, 1, 1, S], layout.encoderAttentionBias),
      attention_bias: float([1, 1, U, prefix + U], layout.attentionBias),
      encoder_buckets: long([1, S, S], layout.encoderBuckets),
      decoder_buckets: long([1, U, prefix + U], layout.decoderBuckets),
    },
    weights,
  ).logits.data as Float32Array
}

/** Greedy tokens, every one from a forward pass over everything before it. */
export async function greedyAnswer(model: LoadedModel, prompt: readonly number[], count: number, acting: Acting = {}): Promise<number[]> {
  const answer: number[] = []
  while (answer.length < count) {
    const last = (await fullAnswer(model, prompt, answer, acting)).slice(-model.spec.vocabSize)
    answer.push(last.indexOf(Math.max(...last)))
  }
  return answer
}
