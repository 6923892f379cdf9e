/**
 * Pretrains the bundled model on the train parts of the three corpora, with this project's own engine.
 *
 * Usage: npx node packages/base-model/src/pretrain.ts [--steps N | --minutes N] [--threads N] [--resume]
 *
 * The result does not depend on where a run was stopped and resumed. `--minutes` measures a few steps and chooses the
 * number of steps from them. The tokenizer must be there (`train-tokenizer.ts`); `evaluate.ts` measures what came out.
 */
import { writeFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { AdamW, initialState, trainLoop } from '@weft/training'
import { config, generationConfig } from './config.ts'
import { folder } from './folder.ts'
import { loadCheckpoint, saveCheckpoint } from './pretraining/checkpoint.ts'
import { tokenizeCorpora, trainingWindows } from './pretraining/corpus.ts'
import { fullEngine, randomWeights, windowBatch } from './pretraining/engine.ts'
import { glance } from './pretraining/held-out.ts'
import { learningRateOf, phaseOf, plan } from './pretraining/plan.ts'
import { reporter } from './pretraining/reporter.ts'
import { writeSafetensors } from './safetensors.ts'

const { values: options } = parseArgs({
  options: { steps: { type: 'string' }, minutes: { type: 'string' }, threads: { type: 'string' }, resume: { type: 'boolean' } },
})

console.log('Reading and tokenizing the corpora …')
const tokenized = await tokenizeCorpora()
for (const [name, { train, heldOut }] of Object.entries(tokenized)) console.log(`  ${name}: ${train.length} tokens to train on, ${heldOut.length} held out`)
const windows = await trainingWindows(tokenized)

using engine = await fullEngine(randomWeights(plan.seed), Number(options.threads ?? availableParallelism()))
const size = engine.parameters.reduce((sum, { data }) => sum + data.length, 0)
console.log(`${(size / 1e6).toFixed(2)} million parameters`)
const optimizer = new AdamW(engine.parameters, { betas: plan.betas, weightDecay: plan.weightDecay })
const resumed = options.resume ? loadCheckpoint(engine.parameters, optimizer) : undefined
if (resumed !== undefined) console.log(`Resumed after step ${resumed}`)

const totalSteps = options.minutes ? await stepsIn(Number(options.minutes)) : Number(options.steps ?? plan.steps)

/** Rows drawn before a step: phases differ in how many a step has. */
const firstRows: number[] = [0]
for (let step = 0; step < totalSteps; step++) firstRows.push(firstRows[step] + phaseOf(step, totalSteps).rows)

const report = reporter(totalSteps)
await trainLoop({
  engine,
  optimizer,
  totalSteps,
  state: { ...initialState(), step: resumed ?? 0 },
  batches: (step) => {
    const { rows, length } = phaseOf(step, totalSteps)
    return [windowBatch(windows(firstRows[step], rows, length))]
  },
  learningRate: (step) => learningRateOf(step, totalSteps),
  maxGradNorm: plan.maxGradNorm,
  checkpointSteps: plan.checkpointSteps,
  onCheckpoint: async ({ step }) => {
    saveCheckpoint(step, engine.parameters, optimizer)
    if (step % plan.evalSteps === 0) report.heldOut(step, await glance(engine, tokenized))
    return 0
  },
  onEvent: (event) => event.type === 'step' && report.step(event),
})
report.end(await glance(engine, tokenized))
saveCheckpoint(totalSteps, engine.parameters, optimizer)

writeSafetensors(
  join(folder, 'model.safetensors'),
  Object.fromEntries(engine.parameters.map(({ name, shape, data }) => [name, { shape, data: new Float16Array(data) }])),
  { format: 'pt' },
)
writeFileSync(join(folder, 'config.json'), `${JSON.stringify(config, null, 2)}\n`)
writeFileSync(join(folder, 'generation_config.json'), `${JSON.stringify(generationConfig, null, 2)}\n`)
console.log(`Written to ${folder}`)

/** How many steps fit, from a few that are thrown away: nothing is stepped on, so the run itself does not change. */
async function stepsIn(minutes: number): Promise<number> {
  const { rows, length } = plan.phases[0]
  const batch = windowBatch(windows(0, rows, length))
  await engine.gradients(batch, 1 / batch.weight)
  const started = performance.now()
  for (let i = 0; i < 4; i++) await engine.gradients(batch, 1 / batch.weight)
  const stepMs = ((performance.now() - started) / 4) * 1.25 // the optimizer, held-out glances and the longer windows
  return (resumed ?? 0) + Math.max(10, Math.floor((minutes * 60_000) / stepMs))
}
