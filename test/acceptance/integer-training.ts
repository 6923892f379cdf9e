import { readAdapter } from '@weft/adapters'
import { bundledTasks } from '@weft/bench/compose/tasks/bundled-tasks'
import { lines } from '@weft/bench/compose/train-adapter'
import { baseWeights } from '@weft/inference/base-weights'
import { AttentionInputs, loadModel } from '@weft/model'
import { openRuntime } from '@weft/ort'
import plugins from '@weft/plugins'
import { readTrainingRows, trainingSpecSchema } from '@weft/protocol'
import { GraphEngine, meanLoss, runTraining } from '@weft/training'
import { rowTokenizer } from '@weft/training/data/row-tokenizer'
import { tokenizeRowsInSlices } from '@weft/training/data/tokenize-rows'
import { frozenProgram } from '@weft/training/graph/frozen-program'
import { placedExpression } from '@weft/training/regularize/expression'
import { heldOutBatches } from '@weft/training/run/plan'
import { endScript, scriptOptions } from './script-options.ts'

/**
 * Whether training in integers ends where training in float32 does: two real tasks (a label, a style), several seeds, the loss on held-out rows. An adapter
 * that was trained in integers is measured in both arithmetics: what it learned, by the model that float32 measures with; and with what the integers of the base
 * model cost when it is asked, which is what its own training reports.
 *
 *     npx node test/acceptance/integer-training.ts --model DIR [--method lora] [--steps 200] [--seeds 0,1,2] [--tasks A,B] [--precisions float32,int8]
 *
 * Exits 1 where what was learned differs by more than float32's own seeds do, both measured in float32. One precision alone is measured and compared with nothing.
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
const BATCH = 4
const threads = Number(values.threads)
const mean = (all: readonly number[]): number => all.reduce((sum, x) => sum + x, 0) / all.length

/** Of an adapter on held-out rows, by the model in float32. */
const lossInFloat32 = async (bytes: Uint8Array, heldOut: Parameters<typeof lines>[0]): Promise<number> => {
  const adapter = await readAdapter(bytes)
  const context = { before: [placedExpression('it', new Map([['it', adapter]]), model)], after: [] }
  const { rows } = await readTrainingRows(lines(heldOut))
  const options = {
    file: 'validation',
    task: 'CAUSAL_LM',
    tokenizer: rowTokenizer(model),
    maxLength,
    labels: [],
    model: model.name,
    predictsFirst: false,
  } as const
  const { rows: tokenized } = await tokenizeRowsInSlices(rows, options)
  using engine = new GraphEngine({ program: frozenProgram(model), values: {}, runtime, weights, attention: new AttentionInputs(model), threads })
  const batches = heldOutBatches(tokenized, BATCH, maxLength).map((batch) => ({ ...batch, context }))
  return meanLoss(engine, batches)
}

let within = true
for (const name of names) {
  const { rows, heldOut, kind } = tasks[name]
  const losses: Record<'float32' | 'int8', number[]> = { float32: [], int8: [] }
  const asked: typeof losses = { float32: [], int8: [] }
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
          batchSize: BATCH,
          learningRate: Number(values['learning-rate']),
          maxLength,
          patience: 0,
          evalEvery: Number(values.steps),
          precision,
        },
        seed,
      })
      const before = process.cpuUsage()
      const { evalLoss, adapter } = await runTraining(
        spec,
        { training: lines(rows), validation: lines(heldOut) },
        { model, runtime, plugins, weights, threads },
      )
      const { user, system } = process.cpuUsage(before)
      losses[precision].push(await lossInFloat32(adapter, heldOut))
      asked[precision].push(evalLoss!)
      seconds[precision] += (user + system) / 1e6
      console.log(
        `${kind}, seed ${seed}, ${precision}: held-out loss ${losses[precision].at(-1)!.toFixed(4)} in float32, ${evalLoss!.toFixed(4)} as it was trained, ${((user + system) / 1e6).toFixed(0)} s of CPU time`,
      )
    }
  if (precisions.length < 2) continue
  const spread = Math.max(...losses.float32) - Math.min(...losses.float32)
  const apart = mean(losses.int8) - mean(losses.float32)
  within &&= apart <= spread
  console.log(
    `${kind}: float32 ${mean(losses.float32).toFixed(4)} (seeds spread by ${spread.toFixed(4)}), int8 ${mean(losses.int8).toFixed(4)} (${apart >= 0 ? '+' : ''}${apart.toFixed(4)}; asked in int8 ${mean(asked.int8).toFixed(4)}), CPU time ${(seconds.int8 / seconds.float32).toFixed(2)}`,
  )
}
process.exitCode = within ? 0 : 1
