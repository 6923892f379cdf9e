import type { WeftClient } from '@weft/client'
import { type AdapterObject, candidateText, type FineTuningJob, gateLines } from '@weft/protocol'
import { standsFor } from '../commands/adapters/other-kind.ts'

/** What a job that succeeded left: a version that its name stands for, or a candidate, and why it is one. */
export interface JobResult {
  /** The version, and what it is called by: a candidate by its version alone. */
  id: string
  callable: string
  candidate?: { text: string; checks: string[] }
  adapter?: AdapterObject | undefined
}

/** What became of a job's result by now. What is deleted since, or a key may not read, is told of as any. */
export async function jobResult(
  weft: Pick<WeftClient, 'adapters'>,
  { fineTunedModel, suffix }: Pick<FineTuningJob, 'fineTunedModel' | 'suffix'>,
): Promise<JobResult> {
  const id = fineTunedModel!
  const adapter = await standsFor(weft, id)
  if (!adapter?.candidate) return { id, callable: suffix, adapter }
  const isInForce = (await standsFor(weft, suffix))?.name === suffix
  return { id, callable: id, candidate: { text: candidateText(adapter, isInForce), checks: gateLines(adapter) }, adapter }
}

/** The first lines of what is said of a result. @param more what is told of one that is in force behind "is published" */
export const resultLines = ({ id, candidate }: JobResult, more = '.'): string[] =>
  candidate ? [candidate.text, ...candidate.checks.map((line) => `  ${line}`)] : [`${id} is published${more}`]
