import { heldOutPlaces, inTurns, TrainingFileReader } from '@weft/protocol'
import { inputLines } from '../../batches/input-lines.ts'
import type { JobRecord } from '../../stores/jobs.ts'
import { lostContent } from '../../stores/lost-content.ts'
import type { TrainingFiles } from '../../stores/training-files.ts'
import { streamOf } from '../../stream-of.ts'

/** Those that a trainer learns from, and those that are held out. */
export type RowsPart = 'training' | 'validation'

/**
 * A job's rows as a trainer gets them, line by line as they were uploaded; without a file of its own, those are held out that a runner would hold out. They are read
 * while they are sent, and nobody holds them all. Errors 404 `file_not_found`, `file_content_missing`.
 */
export async function rowsOf({ job, spec }: JobRecord, files: TrainingFiles, part: RowsPart): Promise<ReadableStream<Uint8Array>> {
  if (job.validationFile)
    return part === 'training' ? contentOf(files, job.trainingFile, 'training_file') : contentOf(files, job.validationFile, 'validation_file')
  const aside = await heldOutLines(files, job.trainingFile, spec.seed)
  const content = await contentOf(files, job.trainingFile, 'training_file')
  async function* lines(): AsyncGenerator<Uint8Array> {
    for await (const { line, text } of inputLines(content)) if (aside.has(line) === (part === 'validation')) yield new TextEncoder().encode(`${text.trim()}\n`)
  }
  return streamOf(lines())
}

/** Whether there are rows to measure on. */
export const hasHeldOut = async ({ job, spec }: JobRecord, files: TrainingFiles): Promise<boolean> =>
  Boolean(job.validationFile) || (await heldOutLines(files, job.trainingFile, spec.seed)).size > 0

/** Lines count from 1. */
async function heldOutLines(files: TrainingFiles, id: string, seed: number): Promise<Set<number>> {
  const reader = new TrainingFileReader()
  const counting: number[] = []
  const note = (rows: ReturnType<TrainingFileReader['push']>) => {
    for (const { line, row } of rows) if (row.weight !== 0) counting.push(line)
  }
  for await (const piece of inTurns(await contentOf(files, id, 'training_file'))) note(reader.push(piece))
  note(reader.end().rows)
  return new Set(Array.from(heldOutPlaces(counting.length, seed), (place) => counting[place]!))
}

async function contentOf(files: TrainingFiles, id: string, param: string): Promise<ReadableStream<Uint8Array>> {
  const content = await files.stream(id)
  if (!content) throw await lostContent(files, id, param)
  return content
}
