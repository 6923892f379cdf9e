import { type AdapterState, floatTensor, type ManifestInput, writeAdapter } from '@weft/adapters'
import type { HeldModel } from '@weft/protocol'
import type { Step } from './scripted-runner.test.server.ts'

/** A base model small enough to write adapters for by hand. */
export const model: HeldModel = {
  name: 'base',
  fingerprint: `sha256:${'ab'.repeat(32)}`,
  architecture: 'llama',
  spec: {
    architecture: 'llama',
    hiddenSize: 4,
    intermediateSize: 8,
    numLayers: 2,
    numHeads: 2,
    numKeyValueHeads: 1,
    headDim: 2,
    vocabSize: 32,
    maxPositions: 64,
    weights: {},
    modules: { 'model.layers.0.self_attn.q_proj': [4, 4] },
    tasks: ['CAUSAL_LM', 'SEQ_CLS', 'TOKEN_CLS'],
    classifier: { module: 'score', bias: false, dense: false },
  },
}

export const healthy = (models: HeldModel[] = [model]): Step => ({
  on: 'GET /health',
  times: 0,
  json: {
    status: 'ok',
    device: { name: 'cpu', reason: 'asked for' },
    jobs: { running: 0, queued: 0 },
    models: models.map(({ spec, ...rest }) => ({
      ...rest,
      spec: {
        architecture: spec.architecture,
        hidden_size: spec.hiddenSize,
        intermediate_size: spec.intermediateSize,
        num_layers: spec.numLayers,
        num_heads: spec.numHeads,
        num_key_value_heads: spec.numKeyValueHeads,
        head_dim: spec.headDim,
        vocab_size: spec.vocabSize,
        max_positions: spec.maxPositions,
        weights: {},
        modules: spec.modules,
        tasks: spec.tasks,
        classifier: spec.classifier,
      },
    })),
  },
})

/** An adapter file for `model`: `rows` rows of `value`, and what `state` has besides them; with a method of its own, that state alone. */
export function adapterFile({
  rows = 2,
  value = 0.5,
  width = 4,
  state,
  ...manifest
}: Partial<ManifestInput> & { rows?: number; value?: number; width?: number; state?: AdapterState } = {}): Promise<Uint8Array<ArrayBuffer>> {
  return writeAdapter(
    {
      method: 'prompt-tuning',
      config: { numVirtualTokens: rows },
      base: { name: model.name, fingerprint: model.fingerprint, architecture: 'llama' },
      task: 'CAUSAL_LM',
      lineage: {},
      ...manifest,
    },
    { ...(manifest.method === undefined && { inputsEmbeds: { rows: floatTensor([rows, width], new Float32Array(rows * width).fill(value)) } }), ...state },
  )
}
