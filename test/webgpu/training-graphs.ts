/** Training graphs of tiny models on the webgpu device, nothing on the CPU; prints what each session said, empty for one that was made. */

import { benchProgram } from '@weft/bench/training/program'
import { loadModel } from '@weft/model'
import { encodeModel } from '@weft/onnx'
import { openRuntime } from '@weft/ort'
import plugins from '@weft/plugins'
import { buildTrainingGraph } from '@weft/training'
import { writeTinyCheckpoint } from '../cases/tiny-checkpoint.ts'

// One architecture of each family: what the others differ in is no op of its own.
const architectures = ['llama', 'gpt2', 'bert', 't5']
const methods = ['prefix-tuning', 'parallel-prefix', 'lora']

using ort = openRuntime()
const said: Record<string, string> = {}
for (const architecture of architectures) {
  const model = await loadModel(writeTinyCheckpoint(architecture))
  using weights = ort.weights()
  for (const name of model.weights.names) weights.set(name, ort.tensor('float32', model.weights.shape(name) as number[]))
  for (const task of model.spec.tasks.filter((name) => name !== 'FEATURE_EXTRACTION')) {
    for (const method of methods) {
      const { program, batch } = await benchProgram(model, { method, task, batch: 2, tokens: 8, virtualTokens: 3, plugins })
      const name = `${architecture} ${task} ${method}`
      try {
        ort.session(encodeModel(buildTrainingGraph(program, batch.bucket, 'gradients')), { device: 'webgpu', weights, disableCpuFallback: true }).dispose()
        said[name] = ''
      } catch (error) {
        said[name] = (error as Error).message
      }
    }
  }
}
console.log(JSON.stringify(said))
