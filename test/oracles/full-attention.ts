import type { AdapterState, FloatTensor, SiteValues } from '@weft/adapters'
import { GraphBuilder, interpret, type TensorData } from '@weft/graph'
import { AttentionInputs, forwardInputs, type LoadedModel, trainingForward, trainingLayout } from '@weft/model'
import { hooksOf } from '../cases/hooks.ts'

/** What stands before the tokens, as training sees it: every adapter by itself. */
export interface Prompt {
  rows?: FloatTensor
  prefixes?: FloatTensor[]
  rowBias?: Float32Array
  prefixBias?: Float32Array
  /** Whole adapters, each with all it does. */
  adapters?: AdapterState[]
}

/**
 * Logits `[T, V]` by the training graph in the reference interpreter: full attention over all positions, no cache, no
 * fused operator. The oracle of everything that inference does faster.
 */
export async function fullAttention(model: LoadedModel, tokens: readonly number[], prompt: Prompt = {}): Promise<Float32Array> {
  const { spec } = model
  const g = new GraphBuilder('oracle')
  const constant = ({ data, shape }: FloatTensor) => g.constant(data, shape)
  const sites: SiteValues[] = [
    ...(prompt.rows ? [{ inputsEmbeds: { rows: constant(prompt.rows) } }] : []),
    ...(prompt.prefixes ?? []).map((prefix) => ({ keyValue: { prefix: constant(prefix) } })),
    ...(prompt.adapters ?? []).map((adapter) =>
      Object.fromEntries(
        Object.entries(adapter).map(([site, state]) => [
          site,
          Object.fromEntries(Object.entries(state).map(([name, tensor]) => [name, constant(tensor as FloatTensor)])),
        ]),
      ),
    ),
  ]
  const hooks = hooksOf(g, sites)
  const { hidden, overVocabulary } = trainingForward(g, model, hooks, { batch: 1, tokens: tokens.length })
  const { rows: read, weight } = overVocabulary(hidden)
  g.output('logits', g.gemm(read, weight, { transB: true }))
  const attention = new AttentionInputs(model)
  const layout = trainingLayout({
    rows: [{ tokens }],
    tokens: tokens.length,
    attention,
    placement: { ...hooks.placement, ...(prompt.rowBias && { rowBias: prompt.rowBias }), ...(prompt.prefixBias && { prefixBias: prompt.prefixBias }) },
  })
  const weights: Record<string, TensorData> = {}
  for (const name of model.weights.names) weights[name] = { dtype: 'float32', shape: model.weights.shape(name), data: await model.weights.read(name) }
  const logits = interpret(g.build(), forwardInputs(attention, layout), weights).logits.data as Float32Array
  return logits.slice(hooks.placement.rows * spec.vocabSize)
}

/** Greedy tokens, every one from a forward pass over everything before it. */
export async function greedyRecomputed(model: LoadedModel, tokens: readonly number[], count: number, prompt: Prompt = {}): Promise<number[]> {
  const all = [...tokens]
  const V = model.spec.vocabSize
  for (let i = 0; i < count; i++) {
    const last = (await fullAttention(model, all, prompt)).slice(-V)
    all.push(last.indexOf(Math.max(...last)))
  }
  return all.slice(tokens.length)
}
