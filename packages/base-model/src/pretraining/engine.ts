import { type InitContext, parseConfig } from '@weft/methods'
import { AttentionInputs, type ModelShape, type ModelWeights, modelShape, RandomWeights } from '@weft/model'
import { openRuntime } from '@weft/ort'
import full from '@weft/plugins/full'
import { GraphEngine, type TokenBatch, tokenBatch } from '@weft/training'
import { config } from '../config.ts'

export const shape: ModelShape = modelShape({ modelType: config.model_type, json: config } as Parameters<typeof modelShape>[0])

/** Weights to start from, as Hugging Face would draw them. */
export const randomWeights = (seed: number): ModelWeights => new RandomWeights(shape.spec.weights, { seed, std: config.initializer_range })

/** The project's own training engine with the method `full`: every weight is a parameter, no site adds anything. */
export const fullEngine = async (weights: ModelWeights, threads: number): Promise<GraphEngine> => {
  const method = parseConfig(full, {})
  const params = full.params(method, shape.spec, [])
  const context = { baseWeight: (name: string) => weights.readSync(name) } as InitContext
  const values: Record<string, Float32Array> = {}
  for (const [name, { shape: dims, init }] of Object.entries(params)) values[name] = await init(context, dims)
  const runtime = openRuntime()
  return new GraphEngine({
    program: { model: shape, plugin: full, config: method, params, task: 'CAUSAL_LM', numLabels: 0, headBias: false },
    runtime,
    weights: runtime.weights(),
    attention: new AttentionInputs(shape),
    values,
    threads,
  })
}

/** Windows of one length as a batch; every token but a window's first is learned. */
export const windowBatch = (windows: readonly Uint16Array[]): TokenBatch => {
  const length = windows[0].length
  const weights = new Float32Array(length).fill(1)
  weights[0] = 0
  const rows = windows.map((window) => ({ tokens: Uint32Array.from(window), weights, rowWeight: 1 }))
  return tokenBatch(rows, { rows: windows.length, length, lossRows: windows.length * (length - 1) })
}
