/**
 * Trains the adapters that come along from seeds, measures them beside the bare base, and prints the tables.
 *
 * Usage: npx node packages/smollm2-adapters/src/train.ts [--model smollm2-135m] [--seeds 1,2] [--only NAME] [--held-out 32] [--threads N]
 *   [--precision int8] [--no-base] [--show] [--out FOLDER] [--keep FOLDER]
 *
 * Of the seeds that `figures.json` has, the lowest one's file comes along, whether they are trained in one call or in several. `--out` is this package when
 * absent: its files and `figures.json` are replaced, of `--only` one adapter's alone; `--only` also takes those that were missed, into a folder of their own.
 * `--precision int8` multiplies frozen layers in integers while it trains, in half the time on CPUs that can; everything is measured in float32, as a pulled
 * model is served. `--no-base` leaves the base's figures as they are, `--seeds none` the adapters'. `--keep` takes the files of all seeds, for `compose.ts`.
 * `--show` prints every question with its answer.
 */
import { availableParallelism } from 'node:os'
import { parseArgs } from 'node:util'
import type { HyperparametersInput } from '@weft/methods'
import { openSession } from '@weft/session'
import { AdapterFolder, keepFile } from './adapter-folder.ts'
import { measured, measuredBase } from './measure/figures.ts'
import { figuresTable } from './measure/table.ts'
import { missedTasks, tasks } from './tasks/index.ts'
import { trainTask } from './train-task.ts'

const { values: options } = parseArgs({
  options: {
    model: { type: 'string', default: 'smollm2-135m' },
    seeds: { type: 'string', default: '1,2' },
    only: { type: 'string' },
    'held-out': { type: 'string', default: '32' },
    threads: { type: 'string', default: String(availableParallelism()) },
    out: { type: 'string' },
    keep: { type: 'string' },
    precision: { type: 'string', default: 'float32' },
    base: { type: 'boolean', default: true },
    show: { type: 'boolean', default: false },
  },
  allowNegative: true,
})

const all = { ...tasks, ...missedTasks }
const made = Object.entries(options.only === undefined ? tasks : all).map(([example, make]) => [example, make(Number(options['held-out']))] as const)
const wanted = made.filter(([, { name }]) => options.only === undefined || options.only === name)
if (wanted.length === 0) throw new Error(`--only ${options.only} is none of ${made.map(([, { name }]) => name).join(', ')}`)
if (options.out === undefined && wanted.some(([example]) => example in missedTasks)) throw new Error(`${options.only} does not come along: give --out FOLDER`)
if (!['float32', 'int8'].includes(options.precision)) throw new Error(`--precision ${options.precision} is neither float32 nor int8`)
const folder = new AdapterFolder(options.out)
await using session = await openSession(options.model, { threads: Number(options.threads) })
folder.setBase({ name: session.model.name, fingerprint: session.model.fingerprint })
const seeds = options.seeds === 'none' ? [] : options.seeds.split(',').map(Number)
const show = options.show
  ? ({ user, answer }: { user: string; answer: string }, text: string) => console.log(JSON.stringify({ user, answer, text }))
  : undefined

for (const [example, task] of wanted) {
  const hyperparameters: HyperparametersInput = { ...task.hyperparameters, ...(options.precision === 'int8' && { precision: 'int8' }) }
  folder.setTask(example, task, hyperparameters)
  if (options.base) folder.setBaseFigures(task.name, await measuredBase(session, task, show))
  for (const seed of seeds) {
    const started = process.cpuUsage()
    const file = await trainTask(session, { ...task, hyperparameters }, seed)
    if (options.keep !== undefined) keepFile(options.keep, task.name, seed, file)
    const seconds = Math.round(process.cpuUsage(started).user / 1e6)
    const comesAlong = folder.setFigures(task.name, seed, await measured(session, task.name, task, show), { seconds, file })
    console.log(`${task.name}, seed ${seed}: ${comesAlong ? 'its file comes along' : 'the file of a lower seed stays'}`)
  }
  console.log(figuresTable(folder.read(), task.name))
}
