import type { BenchMethodsResult } from '@weft/bench/methods/run'
import { bytes } from '../output/output.ts'

/** Head and rows: what each method costs. */
export const methodsTable = ({ methods }: BenchMethodsResult): [string[], string[][]] => [
  ['method', 'task', 'trained numbers', 'stored', 'step', 'CPU of a step', 'peak memory', 'first token', 'CPU of a token'],
  methods.map(({ method, task, parameters, stored_bytes, step_ms, step_cpu_ms, peak_mb, inference }) => [
    method,
    task,
    parameters.toLocaleString('en-US'),
    bytes(stored_bytes),
    `${step_ms.toFixed(0)} ms`,
    `${step_cpu_ms.toFixed(0)} ms`,
    `${peak_mb} MB`,
    ratio(inference?.ttft_cpu),
    ratio(inference?.per_token_cpu),
  ]),
]

const ratio = (value: number | null | undefined): string => (value === null || value === undefined ? '–' : `${value.toFixed(2)} ×`)
