/** Training graphs of tiny models on the webgpu device, nothing on the CPU; prints what each session said, empty for one that was made. */
import { gradients } from '@weft/autodiff'
import { weave } from '@weft/core'
import { GraphBuilder } from '@weft/graph'
import { modelShape, rawConfig, trainingForward } from '@weft/model'
import { encodeModel } from '@weft/onnx'
import { openRuntime } from '@weft/ort'

const llama = { hidden_size: 32, intermediate_size: 48, num_hidden_layers: 2, num_attention_heads: 4, num_key_value_heads: 2, max_position_embeddings: 64, vocab_size: 64 }
const configs = [{ model_type: 'llama', ...llama }, { model_type: 'gpt2', vocab_size: 64, n_positions: 64, n_embd: 32, n_layer: 2, n_head: 4 }]

using ort = openRuntime()
const said = configs.map((json) => {
  const model = modelShape(rawConfig(json))
  const { hiddenSize: H, numLayers: L, numKeyValueHeads: K, headDim: D } = model.spec
  const g = new GraphBuilder('training')
  const rows = g.input('rows', 'float32', [2, H])
  const prefix = g.input('prefix', 'float32', [L, 2, K, 3, D])
  const { hidden, head } = trainingForward(g, model, weave(g, { inputsEmbeds: { rows }, keyValue: { prefix } }, { batch: 2 }), { batch: 2, tokens: 8 })
  const loss = g.linearCrossEntropy(hidden, head(), g.input('targets', 'int64', [20]), g.input('weights', 'float32', [20]))
  g.output('loss', loss)
  gradients(g, loss, [rows, prefix]).forEach((gradient, i) => g.output(`gradient.${i}`, gradient))
  const graph = g.build()
  using weights = ort.weights()
  for (const { name, shape } of graph.weights) weights.set(name, ort.tensor('float32', shape as number[]))
  try {
    ort.session(encodeModel(graph), { device: 'webgpu', weights, disableCpuFallback: true }).dispose()
    return [json.model_type, '']
  } catch (error) {
    return [json.model_type, (error as Error).message]
  }
})
console.log(JSON.stringify(Object.fromEntries(said)))
