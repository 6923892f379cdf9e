import { secondOfFile } from '../identifiers.ts'
import { lostContent } from '../stores/lost-content.ts'
import type { BatchResults, Outcome } from './batch-host.ts'
import { readBatchLine } from './batch-line.ts'
import type { BatchNeeds } from './batch-needs.ts'
import type { BatchState } from './batch-state.ts'
import { inputLines } from './input-lines.ts'
import { expiredLine } from './result-line.ts'
import { requestIdOf } from './run-lines.ts'

/** Writes the results as files and ends the batch as `state.end` says. Every part may be repeated: the files keep their ids. */
export async function endBatch({ files, now }: BatchNeeds, state: BatchState, results: BatchResults, save: () => Promise<void>): Promise<void> {
  const { batch } = state.record
  const end = state.end!
  if (end === 'expired') await expireRest()
  countResults(state, results)
  const parts: [Outcome, 'outputFileId' | 'errorFileId'][] = [
    ['output', 'outputFileId'],
    ['error', 'errorFileId'],
  ]
  for (const [outcome, field] of parts) if (results.count(outcome) > 0) batch[field] ??= await files.newId(now())
  await save()
  for (const [outcome, field] of parts) {
    const id = batch[field]
    if (id === null) continue
    const filename = `${batch.id}_${outcome}.jsonl`
    const stored = await files.write(id, results.read(outcome), results.bytes(outcome))
    const createdAt = secondOfFile(id) ?? now()
    await files.put({ id, object: 'file', createdAt, filename, purpose: 'batch_output', rows: results.count(outcome), ...stored })
  }
  batch.status = end
  batch[`${end}At`] = now()
  await save()
  await results.clear()

  async function expireRest(): Promise<void> {
    const content = await files.stream(batch.inputFileId, state.from.byte)
    if (!content) {
      // Who was not answered cannot be told any more; who was is told all the same.
      const { code, message, param = null } = await lostContent(files, batch.inputFileId, 'input_file_id')
      batch.errors ??= { object: 'list', data: [{ code, message, param, line: null }] }
      return
    }
    for await (const { line, text } of inputLines(content, state.from))
      if (!results.has(line)) await results.put(line, 'error', expiredLine(requestIdOf(batch.id, line), readBatchLine(text).customId))
  }
}

/** What the outside sees of how far it is. */
export function countResults({ record: { batch } }: BatchState, results: BatchResults): void {
  batch.requestCounts.completed = results.count('output')
  batch.requestCounts.failed = results.count('error')
}
