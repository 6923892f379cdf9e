import type { ModelSpec, ModuleRoles } from '@weft/adapters'
import type { GraphBuilder, Value } from '@weft/graph'
import type { RelativePositions } from '../../layout/relative-positions.ts'
import type { Architecture, LinearLayer, Lowering } from '../architecture.ts'
import { activate } from './activation.ts'
import type { EncoderConfig } from './encoder-config.ts'

/** How the parts of a layer are called within it. */
export interface EncoderNames {
  /** What stands between the prefix and a layer's number. */
  layers: string
  query: string
  key: string
  value: string
  attentionOutput: string
  attentionNorm: string
  up: string
  down: string
  /** The norm behind the feed-forward half. */
  norm: string
}

const bertNames: EncoderNames = {
  layers: 'encoder.layer',
  query: 'attention.self.query',
  key: 'attention.self.key',
  value: 'attention.self.value',
  attentionOutput: 'attention.output.dense',
  attentionNorm: 'attention.output.LayerNorm',
  up: 'intermediate.dense',
  down: 'output.dense',
  norm: 'output.LayerNorm',
}

/** PEFT's `output.dense` is the end of attention's output layer too. */
const bertRoles: ModuleRoles = {
  attention: { query: 'query', key: 'key', value: 'value', output: 'attention.output.dense' },
  feedForward: { up: 'intermediate.dense', down: 'output.dense' },
}

/** What tells one post-norm encoder from another. */
export interface EncoderDefinition {
  /** config.json's `model_type`. */
  modelType: string
  /** What stands before every weight's name; the model type when absent. */
  prefix?: string
  /** What config.json means. Throws `invalid_config` and `unsupported_config`, naming `where`. */
  config(json: unknown, where: string): EncoderConfig
  /** BERT's when absent. */
  names?: EncoderNames
  /** Linear layers by what they are for, as PEFT's tables spell them; BERT's when absent. */
  roles?: ModuleRoles
  classifier: ModelSpec['classifier']
  /** How distances find their row of the table of biases, where the config has one. */
  relative?: RelativePositions
  /** Heads of pretraining and of other tasks, by what their tensors' names begin with, besides BERT's. */
  heads?: readonly string[]
}

/** BERT's encoder: learned positions, token types where it has any, LayerNorm after each half, attention in both directions. */
export function encoder(definition: EncoderDefinition): Architecture<EncoderConfig> {
  const { modelType, prefix = modelType, names = bertNames, heads = [] } = definition
  const embeddings = `${prefix}.embeddings`
  /** What the names of a base model begin with that knows nothing of the model around it. */
  const bare = new RegExp(`^(?=(embeddings(_project)?|${names.layers.split('.')[0]}|pooler)\\.)`)
  const dense = `${prefix}.pooler.dense`
  const biases = `${prefix}.${names.layers.split('.')[0]}.relative_attention_bias.weight`
  /** From the width of embeddings to the model's. */
  const project = `${embeddings}_project`
  const layers = (c: EncoderConfig): string[] => Array.from({ length: c.numLayers }, (_, layer) => `${prefix}.${names.layers}.${layer}`)
  /** Every linear layer by module name. */
  const linears = (c: EncoderConfig): Record<string, LinearLayer> =>
    Object.fromEntries([
      ...(c.embeddingSize ? [[project, { in: c.embeddingSize, out: c.hiddenSize, bias: true }] as const] : []),
      ...layers(c).flatMap((at) => Object.entries(blockLinears(c, names)).map(([name, layer]): [string, LinearLayer] => [`${at}.${name}`, layer])),
      ...(c.pooler ? [[dense, square(c)] as const] : []),
    ])

  const weights = (c: EncoderConfig): Record<string, number[]> => {
    const { hiddenSize: H, embeddingSize: E = H } = c
    const norm = (name: string, width = H) => ({ [`${name}.weight`]: [width], [`${name}.bias`]: [width] })
    return {
      [`${embeddings}.word_embeddings.weight`]: [c.vocabSize, E],
      [`${embeddings}.position_embeddings.weight`]: [c.positionRows, E],
      ...(c.typeVocabSize > 0 && { [`${embeddings}.token_type_embeddings.weight`]: [c.typeVocabSize, E] }),
      ...norm(`${embeddings}.LayerNorm`, E),
      ...(c.biasRows !== undefined && { [biases]: [c.biasRows, c.numHeads] }),
      ...Object.fromEntries(
        Object.entries(linears(c)).flatMap(([module, layer]) => [
          [`${module}.weight`, [layer.out, layer.in]],
          [`${module}.bias`, [layer.out]],
        ]),
      ),
      ...Object.assign({}, ...layers(c).flatMap((at) => [norm(`${at}.${names.attentionNorm}`), norm(`${at}.${names.norm}`)])),
    }
  }

  const forward = (g: GraphBuilder, c: EncoderConfig, lowering: Lowering, x: Value): Value => {
    const { hiddenSize: H, embeddingSize: E = H } = c
    const modules = linears(c)
    const linear = (rows: Value, module: string): Value => lowering.linear(rows, module, modules[module])
    const norm = (rows: Value, name: string, width = H): Value =>
      g.scope(name, () =>
        g.layerNormalization(rows, lowering.weight(`${name}.weight`, [width]), lowering.weight(`${name}.bias`, [width]), { epsilon: c.layerNormEps }),
      )

    const attention = (rows: Value, answered: Value, layer: number, at: string): Value => {
      const q = linear(answered, `${at}.${names.query}`)
      const [k, v] = [names.key, names.value].map((name) => linear(rows, `${at}.${name}`))
      return linear(
        g.scope(`${at}.attention`, () => lowering.attention(layer, q, k, v)),
        `${at}.${names.attentionOutput}`,
      )
    }
    const mlp = (rows: Value, at: string): Value => {
      const up = `${at}.${names.up}`
      const inner = linear(rows, up)
      return linear(
        g.scope(up, () => activate(g, c.activation, inner)),
        `${at}.${names.down}`,
      )
    }

    x = g.scope(embeddings, () => g.add(c.typeVocabSize > 0 ? g.add(x, tokenType(g, c, lowering)) : x, positions(g, c, lowering)))
    x = norm(x, `${embeddings}.LayerNorm`, E)
    if (c.embeddingSize) x = linear(x, project)
    for (const [layer, at] of layers(c).entries()) {
      const answered = lowering.answered(layer, x)
      x = norm(g.add(answered, attention(x, answered, layer, at)), `${at}.${names.attentionNorm}`)
      x = lowering.residual(layer, norm(g.add(x, mlp(x, at)), `${at}.${names.norm}`))
    }
    return x
  }

  /** Every token is of the first of a pair's texts, virtual ones too: one row, as wide as embeddings. */
  const tokenType = (g: GraphBuilder, c: EncoderConfig, lowering: Lowering): Value =>
    g.slice(lowering.weight(`${embeddings}.token_type_embeddings.weight`, [c.typeVocabSize, c.embeddingSize ?? c.hiddenSize]), {
      starts: [0],
      ends: [1],
      axes: [0],
    })

  /** One row for each of M. The table loses the rows before position 0: positions are int64, with which WebGPU cannot calculate. */
  const positions = (g: GraphBuilder, c: EncoderConfig, lowering: Lowering): Value => {
    const table = lowering.weight(`${embeddings}.position_embeddings.weight`, [c.positionRows, c.embeddingSize ?? c.hiddenSize])
    const own = c.firstPosition === 0 ? table : g.slice(table, { starts: [c.firstPosition], ends: [c.positionRows], axes: [0] })
    return g.gather(own, lowering.positions(), 0)
  }

  return {
    modelTypes: [modelType],
    config: (json, where = 'config.json') => definition.config(json, where),
    withTensors: (c, stored) => (stored.dtypeOf(`${dense}.weight`) ? c : { ...c, pooler: false }),
    spec: (c) => ({
      architecture: modelType,
      hiddenSize: c.hiddenSize,
      ...(c.embeddingSize && { embeddingSize: c.embeddingSize }),
      intermediateSize: c.intermediateSize,
      numLayers: c.numLayers,
      numHeads: c.numHeads,
      numKeyValueHeads: c.numHeads,
      headDim: c.hiddenSize / c.numHeads,
      vocabSize: c.vocabSize,
      maxPositions: c.positionRows - c.firstPosition,
      weights: weights(c),
      modules: Object.fromEntries(Object.entries(linears(c)).map(([module, layer]) => [module, [layer.out, layer.in]])),
      roles: definition.roles ?? bertRoles,
      tasks: ['SEQ_CLS', 'TOKEN_CLS', 'FEATURE_EXTRACTION'],
      classifier: definition.classifier,
      bidirectional: true,
    }),
    weights,
    // TensorFlow's checkpoints name a norm's halves otherwise.
    aliases: (_, name) =>
      name
        .replace(bare, `${prefix}.`)
        .replace(/\.LayerNorm\.gamma$/, '.LayerNorm.weight')
        .replace(/\.LayerNorm\.beta$/, '.LayerNorm.bias'),
    // Buffers, heads of pretraining and of other tasks, and a pooler that nothing reads.
    ignored: (_, name) =>
      ['cls', 'lm_head', 'classifier', 'qa_outputs', ...heads].some((head) => name.startsWith(`${head}.`)) ||
      name === `${embeddings}.position_ids` ||
      name === `${embeddings}.token_type_ids` ||
      (!definition.classifier.pooler && name.startsWith(`${prefix}.pooler.`)),
    attention: () => ({ kind: 'encoder', rotary: {}, windows: [null], ...(definition.relative && { relative: { ...definition.relative, weight: biases } }) }),
    embedding: () => `${embeddings}.word_embeddings.weight`,
    outputProjection: () => null,
    forward,
  }
}

const square = ({ hiddenSize: H }: EncoderConfig): LinearLayer => ({ in: H, out: H, bias: true })

/** A block's linear layers by name within it. */
const blockLinears = (c: EncoderConfig, names: EncoderNames): Record<string, LinearLayer> => ({
  [names.query]: square(c),
  [names.key]: square(c),
  [names.value]: square(c),
  [names.attentionOutput]: square(c),
  [names.up]: { in: c.hiddenSize, out: c.intermediateSize, bias: true },
  [names.down]: { in: c.intermediateSize, out: c.hiddenSize, bias: true },
})
