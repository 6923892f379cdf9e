import { join, resolve } from 'node:path'
import { passages, speeches, split, spread } from '@weft/corpora'
import type { ExecutorConfig, FineTuningJob } from '@weft/protocol'
import { type ServedEdge, servedEdge } from '../elsewhere/served-edge.ts'
import { endScript, scriptOptions } from './script-options.ts'

/**
 * A job that PEFT trains, through the edge: in a process of this machine, or on a Ray cluster. Its adapter is imported, published, composed and asked, and its held-out
 * loss stands beside that of the same job at a runner of Weft.
 *
 *     npx node test/acceptance/training-elsewhere.ts --python PYTHON [--model DIR] [--methods lora,prefix-tuning] [--steps 60] [--seed 7] [--ports 21100,21101] [--json]
 *     npx node test/acceptance/training-elsewhere.ts --ray http://127.0.0.1:8265 …
 *
 * PYTHON, or the Python of the cluster, has torch, transformers and peft, and finds gpu-runner/peft by PYTHONPATH or installed. Exits 1 where a job fails, a loss is not
 * below the bare base's, or the two losses are further apart than `--bound`.
 */
const values = scriptOptions({
  python: { type: 'string' },
  ray: { type: 'string' },
  workers: { type: 'string', default: '1' },
  model: { type: 'string', default: 'packages/base-model' },
  methods: { type: 'string', default: 'lora,prefix-tuning' },
  steps: { type: 'string', default: '60' },
  rows: { type: 'string', default: '200' },
  seed: { type: 'string', default: '7' },
  bound: { type: 'string', default: '0.1' },
  ports: { type: 'string', default: '' },
  json: { type: 'boolean', default: false },
})
if (!values.python === !values.ray) endScript('Say either --python PYTHON or --ray URL.')
const model = resolve(values.model)
const ports = values.ports.split(',').filter(Boolean).map(Number)
const models = { base: model }
const elsewhere: ExecutorConfig = values.python
  ? { kind: 'local', python: values.python, models }
  : { kind: 'ray', url: values.ray!, edge: `http://127.0.0.1:${ports[0]}`, models, workers: Number(values.workers), cpus: 0.5 }
process.env.PYTHONPATH = join(import.meta.dirname, '../../gpu-runner/peft')
process.env.OMP_NUM_THREADS = '1'

const texts = spread(passages(split(speeches()).train, 480), Number(values.rows))
const content = texts.map((text) => `${JSON.stringify({ text })}\n`).join('')

async function trained({ client }: ServedEdge, method: string, executor?: string): Promise<FineTuningJob> {
  const { id: trainingFile } = await client.files.upload({ content, filename: 'speeches.jsonl' })
  const job = await client.jobs.create({
    model: 'base',
    trainingFile,
    suffix: `speech/${method}-${executor ?? 'weft'}`,
    method: { type: method },
    hyperparameters: { maxSteps: Number(values.steps), batchSize: 8, maxLength: 128 },
    seed: Number(values.seed),
    ...(executor && { executor }),
  })
  const ended = await client.jobs.wait(job.id, {
    onEvent: ({ type, level, message }) => (type === 'message' || level !== 'info') && console.error(`  ${executor ?? 'weft'}: ${message}`),
  })
  if (ended.status !== 'succeeded') throw new Error(`${method} by ${executor ?? 'weft'}: ${ended.error?.code}: ${ended.error?.message}`)
  return ended
}

const rows: { method: string; executor: string; weft: number; elsewhere: number; base: number; outcome: string; answer: string }[] = []
{
  await using edge = await servedEdge({ model, executors: { elsewhere }, ports })
  const { client } = edge
  for (const method of values.methods.split(',')) {
    console.error(method)
    const theirs = await trained(edge, method, 'elsewhere')
    const ours = await trained(edge, method)
    const expression = `base + ${theirs.fineTunedModel} + ${ours.fineTunedModel}`
    const { choices } = await client.completions.create({ model: expression, prompt: 'Fellow citizens, we', maxTokens: 12, temperature: 0 })
    const adapter = await client.adapters.get(theirs.fineTunedModel!)
    if (adapter.jobId !== theirs.id) throw new Error(`${theirs.fineTunedModel} does not name its job`)
    const base = theirs.verdict!.baselines.find(({ name }) => name === 'base')!.metrics.loss!
    rows.push({
      method,
      executor: elsewhere.kind,
      weft: ours.verdict!.metrics.loss!,
      elsewhere: theirs.verdict!.metrics.loss!,
      base,
      outcome: theirs.verdict!.outcome,
      answer: choices[0]!.text,
    })
  }
}

const bound = Number(values.bound)
const wrong = rows.filter((row) => !(row.elsewhere < row.base) || Math.abs(row.elsewhere - row.weft) > bound)
if (values.json) console.log(JSON.stringify({ rows, bound, wrong: wrong.length }))
else
  for (const row of rows)
    console.log(
      `${wrong.includes(row) ? 'WRONG' : 'ok  '}  ${row.method}: held-out loss ${row.elsewhere.toFixed(3)} by ${row.executor}, ${row.weft.toFixed(3)} by Weft's runner, ${row.base.toFixed(3)} of the bare base; ${row.outcome}; composed it says ${JSON.stringify(row.answer)}`,
    )
process.exitCode = wrong.length > 0 ? 1 : 0
