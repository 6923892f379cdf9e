import { endScript, scriptOptions } from './script-options.ts'
import { type Aims, isMet, type Row, rowLine, rowOf, summaryLine, summaryOf } from './training/comparison.ts'
import { best, lastLine, peftStep, type TrainingStep, weftStep } from './training/steps.ts'

/**
 * A training step beside Hugging Face PEFT's, over shapes and methods: best step, its CPU time and peak memory, runs alternating, each in a process of its own.
 *
 *     npx node test/acceptance/training-peer.ts --python PYTHON [--shapes smollm2,gpt2-small] [--methods lora] [--rounds 2] [--json]
 *     npx node test/acceptance/training-peer.ts --python PYTHON --precision int8
 *     npx node test/acceptance/training-peer.ts --python PYTHON --data FILE --shapes MODEL_DIR --task SEQ_CLS
 *
 * PYTHON has torch, transformers and peft. With `int8`, ours computes in integers, and PEFT in float32 and in bfloat16. With a training file, real tokens
 * a second are compared too: it needs a model folder with a tokenizer, and --task where its rows have labels. Exits 1 where Weft misses an aim.
 */
const values = scriptOptions(
  {
    python: { type: 'string' },
    shapes: { type: 'string', default: 'smollm2,gpt2-small,t5-small,bert-base' },
    methods: { type: 'string', default: 'prompt-tuning,prefix-tuning,lora' },
    precision: { type: 'string', default: 'float32' },
    data: { type: 'string' },
    task: { type: 'string' },
    rounds: { type: 'string', default: '2' },
    steps: { type: 'string', default: '4' },
    batch: { type: 'string', default: '4' },
    tokens: { type: 'string', default: '108' },
    threads: { type: 'string', default: '2' },
    json: { type: 'boolean', default: false },
  },
  { python: 'PYTHON' },
)

/** Who is measured beside Weft, with which of its options, by Weft's precision. */
const peersOf: Record<string, { peer: string; options: string[]; aims: Aims }[]> = {
  float32: [{ peer: 'PEFT float32', options: [], aims: { time: 0.85, worst: 1, memory: 0.65 } }],
  int8: [
    { peer: 'PEFT float32', options: [], aims: { time: 0.55 } },
    { peer: 'PEFT bfloat16', options: ['--bfloat16'], aims: { time: 0.9 } },
  ],
}
const peers = peersOf[values.precision] ?? endScript(`--precision is ${Object.keys(peersOf).join(' or ')}, not "${values.precision}".`)
const ofFile = values.data === undefined ? [] : ['--data', values.data]

const rows: Row[] = []
const refused: { shape: string; method: string; peer: string; reason: string }[] = []
for (const shape of values.shapes.split(','))
  for (const method of values.methods.split(',')) {
    const { batch, tokens, steps, threads, task } = values
    const options = [
      '--method',
      method,
      '--batch',
      batch,
      '--tokens',
      tokens,
      '--steps',
      steps,
      '--threads',
      threads,
      ...(task ? ['--task', task] : []),
      ...ofFile,
    ]
    const ours: TrainingStep[] = []
    const theirs = new Map(peers.map(({ peer }) => [peer, [] as TrainingStep[]]))
    for (let round = 0; round < Number(values.rounds); round++) {
      const own = weftStep(shape, [...options, '--precision', values.precision])
      ours.push(await own.catch((error: unknown) => endScript(`${shape} ${method}: ${lastLine(error)}`)))
      for (const { peer, options: only } of peers) {
        if (refused.some((each) => each.shape === shape && each.method === method && each.peer === peer)) continue
        try {
          theirs.get(peer)!.push(await peftStep(values.python, shape, [...options, ...only]))
        } catch (error) {
          refused.push({ shape, method, peer, reason: lastLine(error) })
          console.error(`${shape} ${method}: no figure of ${peer} (${lastLine(error)}), so none is compared`)
        }
      }
    }
    for (const [peer, runs] of theirs) {
      if (runs.length === 0) continue
      const row = rowOf({ shape, method, peer }, best(ours), best(runs))
      rows.push(row)
      console.error(rowLine(row))
    }
  }

const summaries = peers.flatMap(({ peer, aims }) => {
  const beside = rows.filter((row) => row.peer === peer)
  return beside.length > 0 ? [summaryOf(peer, beside, { ...aims, ...(ofFile.length > 0 && { tokens: 1.5 }) })] : []
})
if (values.json) console.log(JSON.stringify({ rows, refused, summaries }))
else for (const summary of summaries) console.log(summaryLine(summary))
process.exitCode = summaries.length === peers.length && summaries.every(isMet) ? 0 : 1
