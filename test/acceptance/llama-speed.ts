/**
 * Speed and memory beside llama.cpp, on the same GGUF and one thread, in turn: CPU time, which other load moves less than the clock, of a prompt and of a
 * token at batch 1 and 8. node-llama-cpp is no dependency: it is installed in a folder of its own.
 *
 *     mkdir -p /tmp/llama && npm install --prefix /tmp/llama node-llama-cpp@3.22.1
 *     npx node test/acceptance/llama-speed.ts --llama /tmp/llama --model FILE.gguf [--precision int4] [--runs 3] [--prompt-tokens 110] [--tokens 64] [--json]
 */
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { weftBin } from '../e2e/weft-process.ts'
import { scriptOptions } from './script-options.ts'

const values = scriptOptions(
  {
    llama: { type: 'string' },
    model: { type: 'string' },
    precision: { type: 'string', default: 'int4' },
    runs: { type: 'string', default: '3' },
    'prompt-tokens': { type: 'string', default: '110' },
    tokens: { type: 'string', default: '64' },
    json: { type: 'boolean', default: false },
  },
  { llama: 'FOLDER', model: 'FILE.gguf' },
)
const { llama, model, precision } = values

interface Reading {
  prefill_cpu_ms: number
  decode_cpu_ms_per_token: number
  peak_mb: number
}
type Side = 'llama.cpp' | 'weft'
const batches = [1, 8] as const

const shape = ['--prompt-tokens', values['prompt-tokens'], '--tokens', values.tokens]
const commands: Record<Side, string[]> = {
  'llama.cpp': [join(import.meta.dirname, 'llama-speed-main.ts'), '--llama', llama],
  weft: [weftBin, 'bench', 'run', '--precision', precision, '--threads', '1', '--requests', '3', '--json'],
}
const read = async (side: Side, rows: number): Promise<Reading> => {
  const { stdout } = await promisify(execFile)(process.execPath, [...commands[side], '--model', model, '--rows', String(rows), ...shape])
  return JSON.parse(stdout)
}

const readings: ({ side: Side; rows: number } & Reading)[] = []
for (let run = 0; run < Number(values.runs); run++)
  for (const rows of batches)
    for (const side of Object.keys(commands) as Side[]) {
      readings.push({ side, rows, ...(await read(side, rows)) })
      if (!values.json) console.error(`run ${run + 1} of ${values.runs}: ${side}, batch ${rows}`)
    }

/** Least and most of all runs. */
const range = (side: Side, rows: readonly number[], of: (reading: Reading) => number): [number, number] => {
  const all = readings.filter((reading) => reading.side === side && rows.includes(reading.rows)).map(of)
  return [Math.min(...all), Math.max(...all)]
}
const measures: [string, readonly number[], (reading: Reading) => number][] = [
  [`CPU ms of a prompt of ${values['prompt-tokens']} tokens`, batches, ({ prefill_cpu_ms }) => prefill_cpu_ms],
  ...batches.map((rows): (typeof measures)[number] => [`CPU ms a token, batch ${rows}`, [rows], (each) => each.decode_cpu_ms_per_token]),
  ...batches.map((rows): (typeof measures)[number] => [`tokens a CPU second, batch ${rows}`, [rows], (each) => 1000 / each.decode_cpu_ms_per_token]),
  ...batches.map((rows): (typeof measures)[number] => [`most memory in MB, batch ${rows}`, [rows], ({ peak_mb }) => peak_mb]),
]
const table = measures.map(([what, rows, of]) => ({ what, 'llama.cpp': range('llama.cpp', rows, of), weft: range('weft', rows, of) }))
const shown = ([least, most]: [number, number]): string => [...new Set([least, most].map((value) => value.toFixed(value < 100 ? 1 : 0)))].join(' to ')
if (values.json) console.log(JSON.stringify({ model, precision, runs: Number(values.runs), table, readings }))
else {
  console.log(`| | llama.cpp | Weft, ${precision} |\n|---|---|---|`)
  for (const row of table) console.log(`| ${row.what} | ${shown(row['llama.cpp'])} | ${shown(row.weft)} |`)
}
