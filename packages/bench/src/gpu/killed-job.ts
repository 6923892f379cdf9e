/** One small training job in a process of its own: `killed-job.ts FOLDER DEVICE PRECISION`. Goes on from FOLDER's checkpoint, and leaves the adapter file there. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { PluginRegistry } from '@weft/methods'
import { type Device, openRuntime } from '@weft/ort'
import plugins from '@weft/plugins'
import { specOf } from '@weft/session/recipe'
import { runTraining } from '@weft/training'
import type { GpuPrecision } from './options.ts'
import { randomModel } from './random-model.ts'

const [folder, device, precision] = process.argv.slice(2)
const model = await randomModel('tiny', precision as GpuPrecision)
const small = { ...model, weights: model.weights, spec: model.spec }
const rows = Array.from({ length: 12 }, (_, i) => ({ text: `${i} ${'the warp and the weft '.repeat(2)}` }))
const recipe = { method: 'lora', rows, heldOut: rows.slice(0, 2), hyperparameters: { maxSteps: 60, nEpochs: 100, batchSize: 4, checkpointEvery: 10 } }
const spec = specOf('killed/job', recipe, new PluginRegistry(plugins), small)
const checkpoint = join(folder, 'checkpoint')
const lines = (of: readonly object[]) => of.map((row) => JSON.stringify(row)).join('\n')
using runtime = openRuntime()
const { adapter, loss, steps } = await runTraining(
  spec,
  { training: lines(rows), validation: lines(recipe.heldOut) },
  {
    model: small,
    runtime,
    plugins,
    device: device as Device,
    threads: 1,
    ...(existsSync(checkpoint) && { checkpoint: readFileSync(checkpoint) }),
    onCheckpoint: async (bytes, step) => {
      writeFileSync(checkpoint, bytes)
      console.log(`checkpoint ${step}`)
      // Time for whoever waits for this line to end the process.
      if (existsSync(join(folder, 'slowly'))) await new Promise((resolve) => setTimeout(resolve, 2_000))
    },
  },
)
writeFileSync(join(folder, 'adapter'), adapter)
console.log(JSON.stringify({ loss, steps }))
