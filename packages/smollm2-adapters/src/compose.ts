/**
 * Measures two of the adapters at once, each on its own task, with the files that `train.ts --keep FOLDER` left: every seed with itself. `--join` has them
 * composed at the output, by `experts`, `product` or `ensemble`, in place of together in the layers.
 *
 * Usage: npx node packages/smollm2-adapters/src/compose.ts --files FOLDER [--names A,B] [--join experts] [--seeds 1,2] [--model smollm2-135m] [--held-out 32] [--threads N] [--out FOLDER]
 */
import { readFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { parseArgs } from 'node:util'
import { openSession } from '@weft/session'
import { AdapterFolder, seedFile } from './adapter-folder.ts'
import { type Figures, measured } from './measure/figures.ts'
import { tasks } from './tasks/index.ts'

const { values: options } = parseArgs({
  options: {
    files: { type: 'string' },
    names: { type: 'string', default: 'supplement/one-line,thought/sums' },
    join: { type: 'string' },
    seeds: { type: 'string', default: '1,2' },
    model: { type: 'string', default: 'smollm2-135m' },
    'held-out': { type: 'string', default: '32' },
    threads: { type: 'string', default: String(availableParallelism()) },
    out: { type: 'string' },
  },
})

if (options.files === undefined) throw new Error('--files is missing: the folder that train.ts --keep wrote')
await using session = await openSession(options.model, { threads: Number(options.threads) })
const names = options.names.split(',')
const expression = options.join === undefined ? names.join(' + ') : `${options.join}(${names.join(', ')})`
const folder = new AdapterFolder(options.out)
const wanted = Object.values(tasks)
  .map((make) => make(Number(options['held-out'])))
  .filter(({ name }) => names.includes(name))

for (const seed of options.seeds.split(',').map(Number)) {
  for (const name of names) await session.add(name, new Uint8Array(readFileSync(seedFile(options.files, name, seed))))
  const found: Record<string, Figures> = {}
  for (const task of wanted) found[task.name] = await measured(session, expression, task)
  folder.setComposition(expression, seed, found)
  console.log(seed, JSON.stringify(found))
}
