import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { rowWidth, type SiteValues } from '@weft/adapters'
import { GraphBuilder, interpret, type TensorData } from '@weft/graph'
import { AttentionInputs, forwardInputs, type LoadedModel, loadModel, readHeader, trainingForward, trainingLayout } from '@weft/model'
import { describe, expect, test } from 'vitest'
import { hooksOf } from './cases/hooks.ts'

const root = join(import.meta.dirname, 'golden/peft')
/** Rows and prefixes over the decoders with rotary positions: here the graph and its inputs are put together by hand. */
const cases = ['gemma3_text', 'granite', 'llama', 'mistral', 'olmo2', 'phi3', 'qwen2', 'qwen3', 'smollm3'].flatMap((arch) =>
  readdirSync(join(root, arch))
    .filter((name) => /^(prompt|p|prefix)-tuning.*\.causal_lm$/.test(name))
    .map((name) => `${arch}/${name}`),
)

/** A tensor of a safetensors file as numbers. */
function stored(file: string, name: string): { shape: number[]; data: number[] } {
  const { dtype, shape, offset, length } = readHeader(file).get(name)!
  const bytes = new Uint8Array(readFileSync(file).subarray(offset, offset + length)).buffer
  return { shape, data: dtype === 'I64' ? Array.from(new BigInt64Array(bytes), Number) : [...new Float32Array(bytes)] }
}

/** PEFT's stored prompt at its site: rows as they are, or prefixes `[P, L·2·K·D]` as `[L,2,K,P,D]`. */
function sitesOf(g: GraphBuilder, { spec }: LoadedModel, folder: string): SiteValues {
  const { shape, data } = stored(join(folder, 'adapter_model.safetensors'), 'prompt_embeddings')
  const prompt = g.constant(Float32Array.from(data), shape)
  if (shape[1] === rowWidth(spec)) return { inputsEmbeds: { rows: prompt } }
  const prefix = g.reshape(prompt, [shape[0], spec.numLayers, 2, spec.numKeyValueHeads, spec.headDim])
  return { keyValue: { prefix: g.transpose(prefix, [1, 2, 3, 0, 4]) } }
}

test('there are cases', () => expect(cases.length).toBe(28))

describe.each(cases)('%s', (name) => {
  test.each(['right', 'left'] as const)("logits and loss are PEFT's, padded on the %s", async (padding) => {
    const folder = join(root, name)
    const { base } = JSON.parse(readFileSync(join(folder, 'case.json'), 'utf8')) as { base: string }
    const model = await loadModel(join(folder, '..', base))
    const file = join(folder, 'case.safetensors')
    const [ids, mask, labels, logits, loss] = ['input_ids', 'attention_mask', 'labels', 'logits', 'loss'].map((tensor) => stored(file, tensor))
    const [B, T] = ids.shape
    const real = ({ data }: { data: number[] }, b: number) => data.slice(b * T, (b + 1) * T).filter((_, t) => mask.data[b * T + t])
    const rows = Array.from({ length: B }, (_, b) => ({ tokens: real(ids, b), labels: real(labels, b) }))

    const g = new GraphBuilder('golden')
    const hooks = hooksOf(g, [sitesOf(g, model, folder)], B)
    const { hidden, overVocabulary } = trainingForward(g, model, hooks, { batch: B, tokens: T })
    const { placement } = hooks
    const { rows: numRows } = placement
    const attention = new AttentionInputs(model)
    const layout = trainingLayout({
      rows,
      tokens: T,
      padding,
      placement,
      attention,
    })
    const S = numRows + T
    const M = layout.lossIndex.length
    const learned = overVocabulary(g.gather(hidden, g.input('loss_index', 'int64', [M]), 0))
    g.output('loss', g.linearCrossEntropy(learned.rows, learned.weight, g.input('targets', 'int64', [M]), g.input('weights', 'float32', [M])))
    const { rows: all, weight } = overVocabulary(hidden)
    g.output('logits', g.gemm(all, weight, { transB: true }))

    const float = (shape: number[], data: Float32Array): TensorData => ({ dtype: 'float32', shape, data })
    const long = (shape: number[], data: BigInt64Array): TensorData => ({ dtype: 'int64', shape, data })
    const weights = Object.fromEntries(model.weights.names.map((weight) => [weight, float(model.weights.shape(weight), model.weights.readSync(weight))]))
    const got = interpret(
      g.build(),
      {
        ...forwardInputs(attention, layout),
        loss_index: long([M], layout.lossIndex),
        targets: long([M], layout.lossTargets),
        weights: float([M], layout.lossWeights),
      },
      weights,
    )

    expect(Math.abs(Number(got.loss.data[0]) - loss.data[0])).toBeLessThan(1e-4)
    const { vocabSize: V } = model.spec
    let worst = 0
    rows.forEach(({ tokens }, b) => {
      const shift = padding === 'left' ? T - tokens.length : 0
      for (let column = 0; column < numRows + tokens.length; column++) {
        const at = b * S + column + (column < numRows ? 0 : shift)
        for (let v = 0; v < V; v++) worst = Math.max(worst, Math.abs(Number(got.logits.data[at * V + v]) - logits.data[(b * S + column) * V + v]))
      }
    })
    expect(worst).toBeLessThan(1e-4)
  })
})
