import type { TrainingStep } from './steps.ts'

/** Of one shape and method, ours to a peer's. */
export interface Row {
  shape: string
  method: string
  peer: string
  time: number
  cpu: number
  memory: number
  /** Of a file's own tokens a second. */
  tokens?: number
  /** The same of CPU time, which other work on the machine hardly moves. */
  cpuTokens?: number
  weft: TrainingStep
  peft: TrainingStep
}

/** Geometric means over all rows that may be no larger, and `worst` of a single row's time; `tokens` may be no smaller. */
export interface Aims {
  time?: number
  worst?: number
  memory?: number
  tokens?: number
}

export interface Summary {
  peer: string
  time: number
  cpu: number
  memory: number
  worst: number
  tokens?: number
  aims: Aims
}

const two = (x: number): number => Math.round(x * 100) / 100

export function rowOf(of: Pick<Row, 'shape' | 'method' | 'peer'>, weft: TrainingStep, peft: TrainingStep): Row {
  const tokens = weft.real_tokens_per_s && peft.real_tokens_per_s ? { tokens: two(weft.real_tokens_per_s / peft.real_tokens_per_s) } : {}
  const cpuTokens = weft.real_tokens_per_cpu_s && peft.real_tokens_per_cpu_s ? { cpuTokens: two(weft.real_tokens_per_cpu_s / peft.real_tokens_per_cpu_s) } : {}
  const ratio = (of: 'step_ms_min' | 'cpu_ms_min' | 'peak_mb'): number => two(weft[of] / peft[of])
  return { ...of, time: ratio('step_ms_min'), cpu: ratio('cpu_ms_min'), memory: ratio('peak_mb'), ...tokens, ...cpuTokens, weft, peft }
}

export const rowLine = ({ shape, method, peer, time, cpu, memory, tokens, cpuTokens, weft, peft }: Row): string =>
  `${shape} ${method} beside ${peer}: ${weft.step_ms_min} against ${peft.step_ms_min} ms (${time}), CPU ${cpu}, ` +
  `${weft.peak_mb} against ${peft.peak_mb} MB (${memory})` +
  (tokens === undefined ? '' : `, ${weft.real_tokens_per_s} against ${peft.real_tokens_per_s} real tokens/s (${tokens}; of CPU time ${cpuTokens})`)

/** Over the rows beside one peer, of which there is at least one. */
export function summaryOf(peer: string, rows: readonly Row[], aims: Aims): Summary {
  const tokens = rows.flatMap((row) => row.tokens ?? [])
  const mean = (of: 'time' | 'cpu' | 'memory'): number => geometricMean(rows.map((row) => row[of]))
  const worst = Math.max(...rows.map(({ time }) => time))
  return { peer, time: mean('time'), cpu: mean('cpu'), memory: mean('memory'), worst, ...(tokens.length > 0 && { tokens: geometricMean(tokens) }), aims }
}

const geometricMean = (ratios: readonly number[]): number => two(Math.exp(ratios.reduce((sum, ratio) => sum + Math.log(ratio), 0) / ratios.length))

export const summaryLine = ({ peer, time, cpu, memory, worst, tokens }: Summary): string =>
  `beside ${peer}, geometric means: time ${time}, CPU ${cpu}, memory ${memory}${tokens === undefined ? '' : `, real tokens a second ${tokens}`}; worst time ${worst}`

export const isMet = ({ aims, time, worst, memory, tokens = 0 }: Summary): boolean =>
  time <= (aims.time ?? Infinity) && worst <= (aims.worst ?? Infinity) && memory <= (aims.memory ?? Infinity) && tokens >= (aims.tokens ?? 0)
