import { describeIssues, fieldsAt, jsonFault, nearest, parseExactly } from '@weft/adapters'
import * as z from 'zod/mini'
import { type Place, type TrainingFileName, trainingFileError } from '../errors.ts'
import type { ToolFunction } from '../wire/inference/answer-form/grammar.ts'
import { foreignRowInWords, listInWords } from './foreign-rows.ts'
import { type RowMessage, rowMessagesSchema } from './messages.ts'
import { headOfTable, tableInWords } from './table.ts'
import { callsProblem, olderFunctionsSchema, rowToolsSchema, withWrittenArguments } from './tool-calls.ts'

/** One example. All rows of a file are of one kind. */
export type TrainingRow = {
  /** Multiplies the loss of the row's tokens; 1 when absent. */
  weight?: number
  /** `task_id`: which of a method's tasks it is of, where they share parameters (`multitask-prompt-tuning`). */
  taskId?: number
} & (
  | { kind: 'text'; text: string }
  | { kind: 'completion'; prompt: string; completion: string | WeightedPart[] }
  | { kind: 'messages'; messages: RowMessage[] /** Functions that the assistant may call. */; tools?: ToolFunction[] }
  | { kind: 'label'; text: string /** `<task>/<label>` where the row names its task. */; label: string; task?: string }
  | { kind: 'tokens'; tokens: string[] /** One per token; null where there is nothing to learn. As `label`. */; labels: (string | null)[]; task?: string }
  /** Two answers to one prompt, or two texts, that differ in one thing. */
  | { kind: 'pair'; positive: string; negative: string; prompt?: string }
  /** A text that is compressed, and not learned from. */
  | { kind: 'document'; document: string }
)

/** A piece of a completion with the loss weight of its tokens: a short label in a long format may weigh more. */
export interface WeightedPart {
  text: string
  weight?: number
}

export type RowKind = TrainingRow['kind']

const weight = z.optional(z.number().check(z.gte(0), z.lte(1e6)))
// Data sets number their classes as often as they name them.
const label = z.pipe(
  z.union([z.string().check(z.maxLength(256)), z.int()], 'expected a label of at most 256 characters, or a whole number'),
  z.transform(String),
)
/** Several tasks may share one prompt, each with classes of its own. */
const task = z.optional(z.string().check(z.minLength(1), z.maxLength(256), z.regex(/^[^/]+$/, 'a task\'s name holds no "/"')))
/** torch's ignore_index, with which data sets mark what carries no label. */
const unlabelled = -100
/** PEFT's name; counts from 0. */
const task_id = z.optional(z.int().check(z.gte(0), z.lte(4096)))
const schemas = {
  text: z.strictObject({ text: z.string(), weight, task_id }),
  completion: z.strictObject({
    prompt: z.string(),
    completion: z.union([z.string(), z.array(z.strictObject({ text: z.string(), weight })).check(z.minLength(1))]),
    weight,
    task_id,
  }),
  messages: z.strictObject({
    messages: rowMessagesSchema,
    tools: rowToolsSchema,
    functions: olderFunctionsSchema,
    parallel_tool_calls: z.optional(z.nullable(z.boolean())),
    weight,
    task_id,
  }),
  label: z.strictObject({ text: z.string(), label, task, weight, task_id }),
  tokens: z.strictObject({
    tokens: z.array(z.string()).check(z.minLength(1)),
    labels: z.array(
      z.union([
        z.pipe(
          z.literal(unlabelled),
          z.transform(() => null),
        ),
        z.null(),
        label,
      ]),
    ),
    task,
    weight,
    task_id,
  }),
  document: z.strictObject({ document: z.string() }),
  pair: z.strictObject({ positive: z.string(), negative: z.string(), prompt: z.optional(z.string()) }),
} as const

/** What a row may be, for errors. */
export const rowForms = '{"text"}, {"prompt", "completion"}, {"messages"}, {"text", "label"}, {"tokens", "labels"}, {"positive", "negative"} or {"document"}'

/** Reads one line. Errors 400 `training_file_malformed`, `training_file_keys`, `training_file_empty_text`. */
export function readRow(text: string, line: number, file: TrainingFileName = 'training'): TrainingRow {
  let json: unknown
  try {
    json = parseExactly(text)
  } catch (error) {
    const table = line === 1 ? headOfTable(text) : undefined
    if (table) throw trainingFileError('training_file_malformed', { file, line }, tableInWords(table))
    if (line === 1 && /^\s*\[\s*(\{|$)/.test(text)) throw trainingFileError('training_file_malformed', { file, line }, listInWords)
    throw trainingFileError('training_file_malformed', { file, line }, `it is not JSON (${(error as Error).message}); every line is one JSON object`)
  }
  if (line === 1 && Array.isArray(json)) throw trainingFileError('training_file_malformed', { file, line }, listInWords)
  if (json === null || typeof json !== 'object' || Array.isArray(json)) {
    throw trainingFileError(
      'training_file_malformed',
      { file, line },
      `expected a JSON object, got ${Array.isArray(json) ? 'an array' : json === null ? 'null' : `a ${typeof json}`}`,
    )
  }
  const fault = jsonFault(text, json)
  if (fault !== undefined) throw trainingFileError('training_file_malformed', { file, line }, fault)
  const unseen = Object.keys(json).find((key) => invisible.test(key))
  if (unseen !== undefined) throw trainingFileError('training_file_keys', { file, line }, keyWithInvisible(unseen))
  const kind = kindOf(Object.keys(json))
  if (!kind) {
    const foreign = foreignRowInWords(Object.keys(json))
    if (foreign) throw trainingFileError('training_file_keys', { file, line }, `${foreign}; a row is ${rowForms}`)
    throw trainingFileError(
      'training_file_keys',
      { file, line },
      `its keys are ${
        Object.keys(json)
          .map((key) => `"${key}"`)
          .join(', ') || 'missing'
      }; a row is ${rowForms}`,
    )
  }
  const result = schemas[kind].safeParse(kind === 'messages' ? withWrittenArguments(json, text) : json)
  if (!result.success) {
    const keys = Object.keys(json)
    const own = new Set(fieldsAt(schemas[kind]))
    if (keys.some((key) => !own.has(key) && fieldsOfRows.has(key))) throw trainingFileError('training_file_keys', { file, line }, mixedKeys(keys))
    const [issue] = describeIssues(result.error.issues, '', schemas[kind])
    // A field of another kind of row may have been meant: {"text", "lable"} has the kind of {"text"}.
    const [meant] = own.has(issue!.param) || issue!.suggestions ? [] : nearest(issue!.param, fieldsOfRows, 1)
    throw trainingFileError(
      'training_file_keys',
      { file, line },
      `${issue!.param}: ${meant !== undefined && keys.includes(issue!.param) ? `unknown field "${issue!.param}"; did you mean "${meant}"?` : issue!.message}`,
    )
  }
  const { task_id: taskId, parallel_tool_calls: parallel, tools: given, functions: _, ...data } = result.data as ReadRow
  const tools = given?.map((tool) => tool.function)
  const row = { kind, ...data, ...(tools?.length && { tools }), ...(taskId !== undefined && { taskId }) } as TrainingRow
  checkText(row, { file, line })
  const problem = row.kind === 'messages' && callsProblem(row.messages, row.tools, parallel === false)
  if (problem) throw trainingFileError('training_file_keys', { file, line }, problem)
  return withTask(row)
}

/** What a file spells otherwise than code does. */
interface ReadRow {
  task_id?: number
  /** How requests are to be asked that are like the row: it says nothing of how the row is written, and more calls than one contradict it. */
  parallel_tool_calls?: boolean | null
  tools?: readonly { function: ToolFunction }[] | null
  functions?: null
}

/** What is in a text and is not seen: format characters, of which a byte order mark is one. No field's name has any. */
const invisible = /\p{Cf}/u

const keyWithInvisible = (key: string): string => {
  const shown = JSON.stringify(key).replaceAll(/\p{Cf}/gu, (character) => `\\u${character.codePointAt(0)!.toString(16).padStart(4, '0')}`)
  const mark = key.startsWith('\ufeff') ? 'a byte order mark, with which Excel begins a file; a CSV that has one is read as "utf-8-sig", not as "utf-8": ' : ''
  return `the key ${shown} has a character that is not seen: ${mark}call it ${JSON.stringify(key.replaceAll(/\p{Cf}/gu, ''))}`
}

/** What a row of any kind may have. */
const fieldsOfRows: ReadonlySet<string> = new Set(Object.values(schemas).flatMap((schema) => fieldsAt(schema)))

const mixedKeys = (keys: readonly string[]): string =>
  `its keys are ${keys.map((key) => `"${key}"`).join(', ')}, which stand in no one row together; a row is ${rowForms}`

/** The class that a label means in a file of several tasks. */
const classOf = (label: string, task: string | undefined): string => (task === undefined ? label : `${task}/${label}`)

function withTask(row: TrainingRow): TrainingRow {
  if (row.kind === 'label') return { ...row, label: classOf(row.label, row.task) }
  if (row.kind === 'tokens') return { ...row, labels: row.labels.map((label) => label && classOf(label, row.task)) }
  return row
}

function kindOf(keys: readonly string[]): RowKind | undefined {
  if (keys.includes('messages')) return 'messages'
  if (keys.includes('document')) return 'document'
  if (keys.includes('positive') || keys.includes('negative')) return 'pair'
  if (keys.includes('prompt') || keys.includes('completion')) return 'completion'
  if (keys.includes('label')) return 'label'
  if (keys.includes('tokens') || keys.includes('labels')) return 'tokens'
  return keys.includes('text') ? 'text' : undefined
}

function checkText(row: TrainingRow, { file, line }: Place): void {
  const empty = (what: string, how = 'empty'): never => {
    throw trainingFileError('training_file_empty_text', { file, line }, `${what} is ${how}; there is nothing to learn from it`)
  }
  switch (row.kind) {
    case 'text':
      if (!row.text.trim()) empty('"text"')
      return
    case 'completion':
      if (typeof row.completion === 'string' ? !row.completion : !row.completion.some(({ text }) => text)) empty('"completion"')
      if (typeof row.completion !== 'string' && row.completion.every(({ text, weight }) => !text || weight === 0))
        throw trainingFileError('training_file_keys', { file, line }, 'every part of "completion" has the weight 0; there is nothing to learn from it')
      return
    case 'pair':
      if (!row.positive.trim()) empty('"positive"')
      if (!row.negative.trim()) empty('"negative"')
      return
    case 'document':
      if (!row.document.trim()) empty('"document"')
      return
    case 'label':
      if (!row.text.trim()) empty('"text"')
      if (!row.label.trim()) empty('"label"')
      return
    case 'tokens':
      if (row.labels.length !== row.tokens.length) {
        throw trainingFileError(
          'training_file_keys',
          { file, line },
          `it has ${row.tokens.length} tokens and ${row.labels.length} labels; one per token is expected, null or ${unlabelled} for a token without`,
        )
      }
      if (row.tokens.some((token) => !token.trim())) empty('one of the tokens')
      if (row.labels.some((name) => name !== null && !name.trim())) empty('one of the labels')
      if (row.labels.every((name) => name === null)) empty('each of "labels"', `null or ${unlabelled}`)
      return
    case 'messages': {
      const { role, content, toolCalls } = row.messages.at(-1)!
      if (role !== 'assistant') throw trainingFileError('training_file_keys', { file, line }, "the last message must be the assistant's: it is what is learned")
      if (!content && !toolCalls) empty('the last message')
      const learned = row.messages.some((message) => message.role === 'assistant' && message.weight !== 0)
      if (!learned)
        throw trainingFileError('training_file_keys', { file, line }, "every assistant's message has the weight 0; there is nothing to learn from it")
    }
  }
}
