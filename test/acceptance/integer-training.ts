import { bundledTasks } from '@weft/bench/compose/tasks/bundled-tasks'
import { lines } from '@weft/bench/compose/train-adapter'
import { baseWeights } from '@weft/inference/base-weights'
import { loadModel } from '@weft/model'
import { openRuntime } from '@weft/ort'
import plugins from '@weft/plugins'
import { trainingSpecSchema } from '@weft/protocol'
import { runTraining } from '@weft/training'
import { endScript, scriptOptions } from './script-options.ts'

/**
 * Whether training in integers ends where training in float32 does: two real tasks (a label, a style), several seeds, the loss on held-out rows.
 *
 *     npx node test/acceptance/integer-training.ts --model DIR [--method lora] [--steps 200] [--seeds 0,1,2] [--tasks A,B] [--precisions float32,int8]
 *
 * Exits 1 where the means differ by more than float32's own seeds do. One precision alone is measured and compared with nothing.
 */
const values = scriptOptions(
  {
    model: { type: 'string' },
    method: { type: 'string', default: 'lora' },
    steps: { type: 'string', default: '200' },
    seeds: { type: 'string', default: '0,1,2' },
    tasks: { type: 'string', default: 'A,B' },
    precisions: { type: 'string', default: 'float32,int8' },
    rows: { type: 'string', default: '96' },
    'learning-rate': { type: 'string', default: '1e-3' },
    threads: { type: 'string', default: '1' },
  },
  { model: 'DIR' },
)
const { tasks, maxLength } = bundledTasks(Number(values.rows))
const chosen = (option: string, given: string, known: readonly string[]): string[] =>
  given.split(',').map((one) => {
    if (!known.includes(one)) endScript(`--${option} ${given}: "${one}" is none of ${known.join(', ')}.`)
    return one
  })
const names = chosen('tasks', values.tasks, Object.keys(tasks))
const precisions = chosen('precisions', values.precisions, ['float32', 'int8']) as ('float32' | 'int8')[]
const seeds = values.seeds.split(',').map(Number)
if (!seeds.every(Number.isInteger)) endScript(`--seeds ${values.seeds}: whole numbers are expected, such as 0,1,2.`)
using runtime = openRuntime()
const model = await loadModel(values.model)
using weights = await baseWeights(runtime, model)
const mean = (all: readonly number[]): number => all.reduce((sum, x) => sum + x, 0) / all.length

let within = true
for (const name of names) {
  const { rows, heldOut, kind } = tasks[name]
  const losses: Record<'float32' | 'int8', number[]> = { float32: [], int8: [] }
  const seconds = { float32: 0, int8: 0 }
  for (const seed of seeds)
    for (const precision of precisions) {
      const spec = trainingSpecSchema.parse({
        jobId: 'j',
        name: 'precision/test',
        model: { name: model.name, fingerprint: model.fingerprint },
        method: values.method,
        config: {},
        task: 'CAUSAL_LM',
        hyperparameters: {
          maxSteps: Number(values.steps),
          batchSize: 4,
          learningRate: Number(values['learning-rate']),
          maxLength,
          patience: 0,
          evalEvery: Number(values.steps),
          precision,
        },
        seed,
      })
      const before = process.cpuUsage()
      const { evalLoss } = await runTraining(
        spec,
        { training: lines(rows), validation: lines(heldOut) },
        { model, runtime, plugins, weights, threads: Number(values.threads) },
      )
      const { user, system } = process.cpuUsage(before)
      losses[precision].push(evalLoss!)
      seconds[precision] += (user + system) / 1e6
      console.log(`${kind}, seed ${seed}, ${precision}: held-out loss ${evalLoss!.toFixed(4)}, ${((user + system) / 1e6).toFixed(0)} s of CPU time`)
    }
  if (precisions.length < 2) continue
  const spread = Math.max(...losses.float32) - Math.min(...losses.float32)
  const apart = mean(losses.int8) - mean(losses.float32)
  within &&= apart <= spread
  console.log(
    `${kind}: float32 ${mean(losses.float32).toFixed(4)} (seeds spread by ${spread.toFixed(4)}), int8 ${mean(losses.int8).toFixed(4)} (${apart >= 0 ? '+' : ''}${apart.toFixed(4)}), CPU time ${(seconds.int8 / seconds.float32).toFixed(2)}`,
  )
}
process.exitCode = within ? 0 : 1
