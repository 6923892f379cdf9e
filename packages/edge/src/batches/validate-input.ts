import { isWeftError } from '@weft/protocol'
import { passes } from '../passes.ts'
import type { BatchRecord } from '../stores/batches.ts'
import { checkBatchLine, readBatchLine } from './batch-line.ts'
import { batchInputEmpty, batchLineInvalid, batchTooManyLines, batchTooManyModels, customIdRepeated } from './errors.ts'
import { inputLines } from './input-lines.ts'

/** As OpenAI's. */
const mostLines = 50_000
/** Problems that are told of one file; the rest is read when these are mended. */
const mostProblems = 50
/** Different models that the requests of one batch may name: what each stands for is written down. */
const mostModels = 1000

type Problem = NonNullable<BatchRecord['batch']['errors']>['data'][number]

/**
 * Reads a batch's whole input, line by line, and keeps none of it.
 * @returns how many requests there are and which models they name, or what is wrong, with the line of each
 */
export async function validateInput(
  content: AsyncIterable<Uint8Array>,
  endpoint: BatchRecord['batch']['endpoint'],
): Promise<{ problems: Problem[]; total: number; models: string[] }> {
  const problems: Problem[] = []
  const known = new Map<string, number>()
  const models = new Set<string>()
  const note = (error: unknown, line: number | null) => {
    // A store that is away in the middle of the file says nothing about it.
    if (!isWeftError(error) || passes(error)) throw error
    problems.push({ code: error.code, message: error.message, param: error.param ?? null, line: (error.details?.line as number | undefined) ?? line })
  }
  try {
    for await (const { line, text, isExact } of inputLines(content)) {
      try {
        if (!isExact) throw batchLineInvalid('it is not UTF-8')
        const request = readBatchLine(text)
        const first = known.get(request.customId)
        if (first !== undefined) throw customIdRepeated(request.customId, first)
        known.set(request.customId, line)
        if (known.size > mostLines) throw batchTooManyLines(mostLines)
        const { model } = checkBatchLine(request, endpoint)
        models.add(model)
        if (models.size > mostModels) throw batchTooManyModels(mostModels)
      } catch (error) {
        note(error, line)
        if (problems.length >= mostProblems || known.size > mostLines || models.size > mostModels) break
      }
    }
  } catch (error) {
    note(error, null)
  }
  if (known.size === 0 && problems.length === 0) note(batchInputEmpty(), null)
  return { problems, total: known.size, models: [...models] }
}
