import type { ModelSpec } from '@weft/adapters'
import type { GraphBuilder, Value } from '@weft/graph'
import type { Architecture, LinearLayer, Lowering } from '../architecture.ts'
import { activate } from './activation.ts'
import { type EncoderConfig, encoderConfig } from './encoder-config.ts'

/** What tells one post-norm encoder from another. */
export interface EncoderDefinition {
  /** config.json's `model_type`, and what stands before every weight's name. */
  modelType: string
  /** The row of the position table that position 0 has. */
  firstPosition(padTokenId: number | null): number
  /** Whether a classifier reads the first position through the checkpoint's pooler. */
  pooler: boolean
  classifier: ModelSpec['classifier']
}

/** BERT's encoder: learned positions, token types, LayerNorm after each half, attention in both directions. */
export function encoder(definition: EncoderDefinition): Architecture<EncoderConfig> {
  const { modelType } = definition
  const embeddings = `${modelType}.embeddings`
  const dense = `${modelType}.pooler.dense`
  const layers = (c: EncoderConfig): string[] => Array.from({ length: c.numLayers }, (_, layer) => `${modelType}.encoder.layer.${layer}`)
  /** Every linear layer by module name. */
  const linears = (c: EncoderConfig): Record<string, LinearLayer> =>
    Object.fromEntries([
      ...layers(c).flatMap((at) => Object.entries(blockLinears(c)).map(([name, layer]): [string, LinearLayer] => [`${at}.${name}`, layer])),
      ...(c.pooler ? [[dense, square(c)] as const] : []),
    ])

  const weights = (c: EncoderConfig): Record<string, number[]> => {
    const { hiddenSize: H } = c
    const norm = (name: string) => ({ [`${name}.weight`]: [H], [`${name}.bias`]: [H] })
    return {
      [`${embeddings}.word_embeddings.weight`]: [c.vocabSize, H],
      [`${embeddings}.position_embeddings.weight`]: [c.positionRows, H],
      [`${embeddings}.token_type_embeddings.weight`]: [c.typeVocabSize, H],
      ...norm(`${embeddings}.LayerNorm`),
      ...Object.fromEntries(
        Object.entries(linears(c)).flatMap(([module, layer]) => [
          [`${module}.weight`, [layer.out, layer.in]],
          [`${module}.bias`, [layer.out]],
        ]),
      ),
      ...Object.assign({}, ...layers(c).flatMap((at) => [norm(`${at}.attention.output.LayerNorm`), norm(`${at}.output.LayerNorm`)])),
    }
  }

  const forward = (g: GraphBuilder, c: EncoderConfig, lowering: Lowering, x: Value): Value => {
    const { hiddenSize: H } = c
    const modules = linears(c)
    const linear = (rows: Value, module: string): Value => lowering.linear(rows, module, modules[module])
    const norm = (rows: Value, name: string): Value =>
      g.scope(name, () => g.layerNormalization(rows, lowering.weight(`${name}.weight`, [H]), lowering.weight(`${name}.bias`, [H]), { epsilon: c.layerNormEps }))

    const attention = (rows: Value, answered: Value, layer: number, at: string): Value => {
      const q = linear(answered, `${at}.attention.self.query`)
      const [k, v] = ['key', 'value'].map((part) => linear(rows, `${at}.attention.self.${part}`))
      return linear(
        g.scope(`${at}.attention.self`, () => lowering.attention(layer, q, k, v)),
        `${at}.attention.output.dense`,
      )
    }
    const mlp = (rows: Value, at: string): Value => {
      const inner = linear(rows, `${at}.intermediate.dense`)
      return linear(
        g.scope(`${at}.intermediate`, () => activate(g, c.activation, inner)),
        `${at}.output.dense`,
      )
    }

    x = g.scope(embeddings, () => g.add(g.add(x, tokenType(g, c, lowering)), positions(g, c, lowering)))
    x = norm(x, `${embeddings}.LayerNorm`)
    for (const [layer, at] of layers(c).entries()) {
      const answered = lowering.answered(layer, x)
      x = norm(g.add(answered, attention(x, answered, layer, at)), `${at}.attention.output.LayerNorm`)
      x = lowering.residual(layer, norm(g.add(x, mlp(x, at)), `${at}.output.LayerNorm`))
    }
    return x
  }

  /** Every token is of the first of a pair's texts, virtual ones too. `[1, H]` */
  const tokenType = (g: GraphBuilder, c: EncoderConfig, lowering: Lowering): Value =>
    g.slice(lowering.weight(`${embeddings}.token_type_embeddings.weight`, [c.typeVocabSize, c.hiddenSize]), { starts: [0], ends: [1], axes: [0] })

  /** `[M, H]`. The table loses the rows before position 0: positions are int64, with which WebGPU cannot calculate. */
  const positions = (g: GraphBuilder, c: EncoderConfig, lowering: Lowering): Value => {
    const table = lowering.weight(`${embeddings}.position_embeddings.weight`, [c.positionRows, c.hiddenSize])
    const own = c.firstPosition === 0 ? table : g.slice(table, { starts: [c.firstPosition], ends: [c.positionRows], axes: [0] })
    return g.gather(own, lowering.positions(), 0)
  }

  return {
    modelTypes: [modelType],
    config: (json, where = 'config.json') => encoderConfig(json, where, definition),
    withTensors: (c, stored) => (stored.dtypeOf(`${dense}.weight`) ? c : { ...c, pooler: false }),
    spec: (c) => ({
      architecture: modelType,
      hiddenSize: c.hiddenSize,
      intermediateSize: c.intermediateSize,
      numLayers: c.numLayers,
      numHeads: c.numHeads,
      numKeyValueHeads: c.numHeads,
      headDim: c.hiddenSize / c.numHeads,
      vocabSize: c.vocabSize,
      maxPositions: c.positionRows - c.firstPosition,
      weights: weights(c),
      modules: Object.fromEntries(Object.entries(linears(c)).map(([module, layer]) => [module, [layer.out, layer.in]])),
      // PEFT's `output.dense` is the end of attention's output layer too.
      roles: {
        attention: { query: 'query', key: 'key', value: 'value', output: 'attention.output.dense' },
        feedForward: { up: 'intermediate.dense', down: 'output.dense' },
      },
      tasks: ['SEQ_CLS', 'TOKEN_CLS', 'FEATURE_EXTRACTION'],
      classifier: definition.classifier,
      bidirectional: true,
    }),
    weights,
    // Base models know nothing of the model around them; TensorFlow's checkpoints name a norm's halves otherwise.
    aliases: (_, name) =>
      name
        .replace(/^(?=(embeddings|encoder|pooler)\.)/, `${modelType}.`)
        .replace(/\.LayerNorm\.gamma$/, '.LayerNorm.weight')
        .replace(/\.LayerNorm\.beta$/, '.LayerNorm.bias'),
    // Buffers, heads of pretraining and of other tasks, and a pooler that nothing reads.
    ignored: (_, name) =>
      /^(cls|lm_head|classifier|qa_outputs)\./.test(name) ||
      name === `${embeddings}.position_ids` ||
      name === `${embeddings}.token_type_ids` ||
      (!definition.pooler && name.startsWith(`${modelType}.pooler.`)),
    attention: () => ({ kind: 'encoder', rotary: {}, windows: [null] }),
    embedding: () => `${embeddings}.word_embeddings.weight`,
    outputProjection: () => null,
    forward,
  }
}

const square = ({ hiddenSize: H }: EncoderConfig): LinearLayer => ({ in: H, out: H, bias: true })

/** A block's linear layers by name within it. */
const blockLinears = (c: EncoderConfig): Record<string, LinearLayer> => ({
  'attention.self.query': square(c),
  'attention.self.key': square(c),
  'attention.self.value': square(c),
  'attention.output.dense': square(c),
  'intermediate.dense': { in: c.hiddenSize, out: c.intermediateSize, bias: true },
  'output.dense': { in: c.intermediateSize, out: c.hiddenSize, bias: true },
})
