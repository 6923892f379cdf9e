import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { parseArgs, promisify } from 'node:util'

/**
 * A training step beside Hugging Face PEFT's, over shapes and methods: best step, its CPU time and peak memory, runs alternating, each in a process of its own.
 *
 *     npx node test/acceptance/training-peer.ts --python PYTHON [--shapes smollm2,gpt2-small] [--methods lora] [--rounds 2] [--json]
 *
 * PYTHON has torch, transformers and peft. Exits 1 where Weft misses its aims: a geometric mean of 0.85 of PEFT's time, no row above 1.0, memory of 0.65.
 */
const { values } = parseArgs({
  options: {
    python: { type: 'string' },
    shapes: { type: 'string', default: 'smollm2,gpt2-small,t5-small,bert-base' },
    methods: { type: 'string', default: 'prompt-tuning,prefix-tuning,lora' },
    rounds: { type: 'string', default: '2' },
    steps: { type: 'string', default: '4' },
    batch: { type: 'string', default: '4' },
    tokens: { type: 'string', default: '108' },
    threads: { type: 'string', default: '2' },
    json: { type: 'boolean', default: false },
  },
})
if (!values.python) throw new Error('--python PYTHON is missing: one with torch, transformers and peft')
const python = values.python
const aims = { time: 0.85, worst: 1, memory: 0.65 }

/** What both print of a step, in milliseconds and megabytes. */
interface Step {
  step_ms_min: number
  cpu_ms_min: number
  peak_mb: number
}

const weft = fileURLToPath(new URL('../../packages/cli/bin/weft.mjs', import.meta.url))
const peft = fileURLToPath(new URL('../../packages/bench/src/training/peft_train.py', import.meta.url))

async function stepOf(command: string, args: readonly string[]): Promise<Step> {
  const { stdout } = await promisify(execFile)(command, args, { maxBuffer: 2 ** 24 })
  return JSON.parse(stdout.trim().split('\n').at(-1)!) as Step
}

/** Of several runs, the least of each: other work on the machine only adds. */
const least = (steps: readonly Step[]): Step => ({
  step_ms_min: Math.min(...steps.map((step) => step.step_ms_min)),
  cpu_ms_min: Math.min(...steps.map((step) => step.cpu_ms_min)),
  peak_mb: Math.min(...steps.map((step) => step.peak_mb)),
})
const geometricMean = (ratios: readonly number[]): number => Math.exp(ratios.reduce((sum, ratio) => sum + Math.log(ratio), 0) / ratios.length)
const two = (x: number): number => Math.round(x * 100) / 100

/** The last line that a failed process wrote: Python's is the error. */
const lastLine = (error: unknown): string => (error as { stderr?: string }).stderr?.trim().split('\n').at(-1) ?? String(error)

/** As many as ours has, unless told, where the method has any. */
const virtual = ['--virtual-tokens', '20']

const refused: { shape: string; method: string; reason: string }[] = []
const rows: { shape: string; method: string; time: number; cpu: number; memory: number; weft: Step; peft: Step }[] = []
for (const shape of values.shapes.split(','))
  for (const method of values.methods.split(',')) {
    const { batch, tokens, steps, threads } = values
    const options = ['--method', method, '--batch', batch, '--tokens', tokens, '--steps', steps, '--threads', threads]
    const runs: Record<'ours' | 'theirs', Step[]> = { ours: [], theirs: [] }
    for (let round = 0; round < Number(values.rounds); round++) {
      runs.ours.push(await stepOf(process.execPath, [weft, 'bench', 'train', '--model', shape, ...options, '--json']))
      try {
        runs.theirs.push(await stepOf(python, [peft, shape, ...options, ...virtual]))
      } catch (error) {
        refused.push({ shape, method, reason: lastLine(error) })
        break
      }
    }
    if (runs.theirs.length === 0) {
      console.error(`${shape} ${method}: no figure of PEFT's (${refused.at(-1)!.reason}), so none is compared`)
      continue
    }
    const [ours, theirs] = [least(runs.ours), least(runs.theirs)]
    const ratio = (of: keyof Step): number => two(ours[of] / theirs[of])
    const row = { shape, method, time: ratio('step_ms_min'), cpu: ratio('cpu_ms_min'), memory: ratio('peak_mb'), weft: ours, peft: theirs }
    rows.push(row)
    console.error(
      `${shape} ${method}: ${ours.step_ms_min} against ${theirs.step_ms_min} ms (${row.time}), CPU ${row.cpu}, ${ours.peak_mb} against ${theirs.peak_mb} MB (${row.memory})`,
    )
  }

const mean = (of: 'time' | 'cpu' | 'memory'): number => two(geometricMean(rows.map((row) => row[of])))
const summary = { time: mean('time'), cpu: mean('cpu'), memory: mean('memory'), worst: Math.max(...rows.map(({ time }) => time)) }
console.log(
  values.json
    ? JSON.stringify({ rows, refused, ...summary })
    : `geometric means: time ${summary.time}, CPU ${summary.cpu}, memory ${summary.memory}; worst time ${summary.worst}`,
)
process.exitCode = summary.time <= aims.time && summary.worst <= aims.worst && summary.memory <= aims.memory ? 0 : 1
