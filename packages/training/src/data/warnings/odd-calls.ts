import { checkFunctions } from '@weft/inference/grammar/functions/check-functions'
import { misfit } from '@weft/inference/grammar/json-schema/misfit'
import { misplaced } from '@weft/inference/grammar/json-schema/misplaced'
import { isWeftError, type NumberedRow, type TrainingRow } from '@weft/protocol'
import { functionSchemaRefused } from '../../errors.ts'
import { TimeSlices } from '../../optimizer/time-slices.ts'

type ChatRow = Extract<TrainingRow, { kind: 'messages' }>

/**
 * What to say of rows that show calls which no request is answered with: they are learned as they stand. Rows without calls cost nothing.
 * @param file where the rows are of, for errors
 * @throws TrainingError `unsupported_schema` where a function's schema means nothing, as a request with it is refused
 */
export const oddCalls = async (rows: readonly NumberedRow[], file: 'training' | 'validation'): Promise<string[]> => {
  const broken = new Found()
  const disordered = new Found()
  const untold = new Found()
  const look = ({ line, row }: NumberedRow): void => {
    if (row.kind !== 'messages') return
    checkSchemas(row, line, file)
    if (row.weight === 0) return
    const problem = firstCall(row, brokenIn)
    if (problem) broken.add(line, problem)
    const late = problem === undefined ? firstCall(row, misplacedIn) : undefined
    if (late) disordered.add(line, late)
    const at = row.tools ? -1 : row.messages.findIndex(({ toolCalls, weight }) => toolCalls?.length && weight !== 0)
    if (at >= 0) untold.add(line, `messages[${at}] calls ${JSON.stringify(row.messages[at]!.toolCalls![0]!.function.name)}`)
  }
  await new TimeSlices().walk(
    rows.length,
    (start, end) => {
      for (let i = start; i < end; i++) look(rows[i]!)
    },
    ROW_COST,
  )
  const place = file === 'training' ? '' : ` of the ${file} file`
  return [
    broken.told((count) =>
      count === 1
        ? `1 row${place} has a call that breaks its function's schema, as no answer can: it is learned all the same.`
        : `${count} rows${place} have calls that break their function's schema, as no answer can: they are learned all the same.`,
    ),
    disordered.told((count) =>
      count === 1
        ? `1 row${place} has a call with arguments in another order than its function's schema, in which every answer has them: write them in that one, for what is learned of their order is never asked.`
        : `${count} rows${place} have calls with arguments in another order than their function's schema, in which every answer has them: write them in that one, for what is learned of their order is never asked.`,
    ),
    untold.told((count) =>
      count === 1
        ? `1 row${place} has a call and no "tools": it is learned behind a prompt that tells of no function, which no request for a call has.`
        : `${count} rows${place} have calls and no "tools": they are learned behind prompts that tell of no function, which no request for a call has.`,
    ),
  ].filter((said) => said !== undefined)
}

/** Elements of a slice that one row stands for, as where rows are tokenized. */
const ROW_COST = 1 << 14

/** Rows of one kind, and what is odd about the first of them. */
class Found {
  #count = 0
  #first = ''

  add(line: number, what: string): void {
    if (this.#count++ === 0) this.#first = `line ${line}, ${what}`
  }

  told(words: (count: number) => string): string | undefined {
    return this.#count === 0 ? undefined : `${words(this.#count)} The first: ${this.#first}.`
  }
}

const checkSchemas = ({ tools }: ChatRow, line: number, file: 'training' | 'validation'): void => {
  for (const [i, tool] of (tools ?? []).entries())
    try {
      // Whether it is strict changes nothing in how a row is read.
      checkFunctions([{ ...tool, strict: false }])
    } catch (cause) {
      if (isWeftError(cause)) throw functionSchemaRefused(line, `tools[${i}].function.parameters`, cause, file)
      throw cause
    }
}

/** What is said of the first call of a row that is learned and of which something is to be said. */
const firstCall = ({ messages, tools = [] }: ChatRow, oddOf: (schema: unknown, given: unknown) => string | undefined): string | undefined => {
  for (const [i, { toolCalls = [], weight }] of messages.entries()) {
    if (weight === 0) continue
    for (const [j, { function: called }] of toolCalls.entries()) {
      const tool = tools.find(({ name }) => name === called.name)
      if (!tool) continue
      // A numeral that kept its digits is a number like others here.
      const schema: unknown = tool.parameters == null ? takesNothing : JSON.parse(JSON.stringify(tool.parameters))
      const odd = oddOf(schema, JSON.parse(called.arguments))
      if (odd !== undefined) return `messages[${i}].tool_calls[${j}] of ${JSON.stringify(called.name)}: ${odd}`
    }
  }
  return undefined
}

const brokenIn = (schema: unknown, given: unknown): string | undefined => {
  const found = misfit(schema, given, 'arguments')
  return found && `${found.at}: ${found.problem}`
}

const misplacedIn = (schema: unknown, given: unknown): string | undefined => {
  const at = misplaced(schema, given, 'arguments')
  return at && `${at} stands too late`
}

const takesNothing = { type: 'object', properties: {} }
