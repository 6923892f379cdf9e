import type { Verdict } from '@weft/adapters'
import type { FineTuningJob } from '@weft/protocol'
import { type JobResult, resultLines } from './job-result.ts'

/** Findings that were told while their jobs ran. */
export type Told = Set<string>
export const toldOf = ({ id }: Pick<FineTuningJob, 'id'>, code: string): string => `${id} ${code}`

type Ended = Pick<FineTuningJob, 'id' | 'verdict' | 'on'>

/** How rows are asked, where their file is at hand: as chats, and which file has the functions that they were learned behind. */
export interface AskedRows {
  chat: boolean
  tools?: string
}

/** What a job that succeeded says at its end: what was published, how good it is and on what that rests, and what to do with it. */
export const endText = (job: Ended, result: JobResult, told?: Told, rows?: AskedRows): string =>
  [...endLines(job, result, told), `Try: ${hint(result.callable, job, rows)}`].join('\n')

/** The same of the jobs of a settlement, one after the other. */
export const settledText = (jobs: readonly (readonly [Ended, JobResult])[], told?: Told): string =>
  [...jobs.flatMap(([job, result]) => endLines(job, result, told)), 'The versions before stay.'].join('\n')

const endLines = ({ id, verdict }: Ended, result: JobResult, told: Told = new Set()): string[] => [
  ...resultLines(result),
  ...(verdict ? verdictLines({ ...verdict, findings: verdict.findings.filter(({ code }) => !told.has(toldOf({ id }, code))) }) : []),
]

/** A line for the score, one for the steps and the rows that were cut, where no finding says so, and one for each finding and what to try. */
export const verdictLines = ({ summary, steps, bestStep, stoppedEarly, rows, findings }: Verdict): string[] => [
  `  ${summary}`,
  `  ${stepsText(steps, bestStep, stoppedEarly)}${rows.truncated > 0 && findings.every(({ code }) => code !== 'truncated_rows') ? ` ${cutText(rows)}` : ''}`,
  ...findings.flatMap(({ level, message, next }) => [`  ${level === 'warn' ? '!' : '·'} ${message}`, ...(next ? [`    ${next}`] : [])]),
]

const stepsText = (steps: number, bestStep: number | null, stoppedEarly: boolean): string => {
  const ended = stoppedEarly ? `Stopped early at step ${steps}` : `${steps} ${steps === 1 ? 'step' : 'steps'}`
  // Among one there is no best.
  if (steps === 1 && bestStep === 1) return `${ended}.`
  return bestStep === null ? `${ended}; the last parameters were kept.` : `${ended}; step ${bestStep} was the best and was kept.`
}

const cutText = ({ training, heldOut, truncated }: Verdict['rows']): string =>
  `${truncated} of ${training + heldOut} rows ${truncated === 1 ? 'was' : 'were'} cut.`

/** A classifier has labels to give, and no text. What was trained over others is asked with them beneath, in the versions that they stood for: it does something else without. */
const hint = (name: string, { verdict, on }: Ended, { chat, tools }: AskedRows = { chat: false }): string => {
  const stack = [...(on === undefined ? [] : [on]), name].join(' + ')
  if (verdict?.score === 'accuracy') return `npx weft classify ${on === undefined ? name : quoted(stack)} "…"`
  return `npx weft run ${quoted(`base + ${stack}`)} "…"${chat ? ' --chat' : ''}${tools === undefined ? '' : ` --tools ${word(tools)}`}`
}

/** For a shell: an expression has quotes of its own around its texts. */
const quoted = (expression: string): string => (expression.includes('"') ? `'${expression.replaceAll("'", "'\\''")}'` : `"${expression}"`)

/** A path for a shell. */
const word = (path: string): string => (/^[\w@%+=:,./-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`)
