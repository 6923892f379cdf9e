import { encodeBehind } from '@weft/model/tokenizer/behind'
import { encoderTokens } from '@weft/model/tokenizer/encoder-tokens'
import { encodeWithin } from '@weft/model/tokenizer/word-pieces'
import { isWeftError, type NumberedRow, type RowMessage, type ToolFunction, type WeightedPart } from '@weft/protocol'
import { messageNotShown, noChatTemplate, nothingToLearn, templateNotIncremental, wrongRowKind } from '../errors.ts'
import { TimeSlices } from '../optimizer/time-slices.ts'
import { endOfChat, type LearnedChat } from './asked-turns.ts'
import { labelledTokens } from './token-labels.ts'
import type { Dataset, RowTokenizer, TokenizeOptions } from './token-row.ts'
import { encodeParts } from './weighted-parts.ts'

/**
 * Rows to tokens. `{text}` is learned from its first token to its last; `{prompt, completion}` only on the completion and the
 * end-of-text token after it; `{messages}` only on the assistant's turns, each behind the prompt of a request for it. Labels stand on a word's first piece.
 * To an encoder-decoder the prompt is what is read and the completion what is answered.
 */
export const tokenizeRows = (rows: readonly NumberedRow[], options: TokenizeOptions): Dataset => {
  const dataset = emptyDataset()
  for (const row of rows) addRow(dataset, row, options)
  return filled(dataset, options)
}

/** As `tokenizeRows`, letting other work run every few milliseconds: a large file takes seconds. */
export const tokenizeRowsInSlices = async (rows: readonly NumberedRow[], options: TokenizeOptions): Promise<Dataset> => {
  const dataset = emptyDataset()
  await new TimeSlices().walk(
    rows.length,
    (start, end) => {
      for (let i = start; i < end; i++) addRow(dataset, rows[i], options)
    },
    ROW_COST,
  )
  return filled(dataset, options)
}

/** Elements of a slice that one row stands for: the clock is looked at after every fourth row. */
const ROW_COST = 1 << 14

export const emptyDataset = (): Dataset => ({ rows: [], truncatedRows: 0, unlearnedRows: 0, leftOutRows: 0, tokens: 0 })

const addRow = (dataset: Dataset, row: NumberedRow, options: TokenizeOptions): void => {
  const sequences = piecesOf(row, options)
  const known = dataset.rows.length
  const said = sequences.length > 1 || sequences.some(({ cut }) => cut) ? saidBy(row.row) : undefined
  for (const pieces of sequences) addPieces(dataset, row, { ...pieces, said, goesOn: dataset.rows.length > known }, options)
  const cut = sequences.some(({ cut }) => cut)
  if (dataset.rows.length > known) dataset.truncatedRows += Number(cut)
  else if (cut && Math.fround(row.row.weight ?? 1) > 0) dataset.unlearnedRows += 1
  else dataset.leftOutRows += 1
}

const addPieces = (
  dataset: Dataset,
  row: NumberedRow,
  { tokens, weights, classes, targets, said, goesOn }: Pieces & { said: string | undefined; goesOn: boolean },
  options: TokenizeOptions,
): void => {
  const label = 'label' in row.row && options.task === 'SEQ_CLS' ? options.labels!.indexOf(row.row.label) : undefined
  const rowWeight = row.row.weight ?? 1
  if (options.predictsFirst === false && weights.length > 0 && !classes && !targets) weights[0] = 0
  const lossWeights = Float32Array.from(weights)
  // Cut to nothing, an empty text, or of weight 0: a batch of such rows has no mean loss. Graphs multiply by float32, in which the tiniest weights are 0 too.
  if (label === undefined ? !lossWeights.some((w) => w > 0) : Math.fround(rowWeight) === 0) return
  dataset.rows.push({
    tokens: Uint32Array.from(tokens),
    weights: lossWeights,
    label,
    rowWeight,
    ...(classes && { classes }),
    ...(targets && { targets }),
    ...(row.row.taskId !== undefined && { taskId: row.row.taskId }),
    ...(said !== undefined && { said }),
    ...(goesOn && { goesOn }),
  })
  dataset.tokens += tokens.length + (targets?.length ?? 0)
}

/** All that a row says, less how much it counts and what it is called. */
const saidBy = (row: NumberedRow['row']): string => JSON.stringify(row, (key, value: unknown) => (aside.has(key) ? undefined : value))
const aside = new Set(['weight', 'label', 'labels', 'task', 'taskId'])

const filled = (dataset: Dataset, { file, mayTeachNothing = false }: TokenizeOptions): Dataset => {
  if (dataset.rows.length === 0 && !mayTeachNothing) throw nothingToLearn(file)
  return dataset
}

interface Pieces {
  tokens: number[]
  weights: number[]
  cut: boolean
  classes?: Int32Array
  targets?: Uint32Array
}

/** What a row is learned as: one sequence, or several of a chat with turns that are asked otherwise than it shows them. */
const piecesOf = (row: NumberedRow, options: TokenizeOptions): Pieces[] => {
  if (options.task === 'SEQ_CLS') return [classified(row, options)]
  if (options.task === 'SEQ_2_SEQ_LM') return [answered(row, options)]
  return options.task === 'TOKEN_CLS' ? [labelledTokens(row, options)] : generated(row, options)
}

const classified = ({ line, row }: NumberedRow, { file, tokenizer, maxLength }: TokenizeOptions): Pieces => {
  if (!('label' in row)) throw wrongRowKind(file, line, 'SEQ_CLS', '{"text","label"}')
  const { tokens, cut } = encodeWithin(tokenizer, row.text, maxLength)
  if (tokens.length === 0 && tokenizer.eosTokenId !== undefined) tokens.push(tokenizer.eosTokenId) // an empty text still has a last token to pool
  return { tokens, weights: [], cut }
}

/** The prompt as an encoder reads it, and the completion with the end-of-text token, unless that was cut off. */
const answered = ({ line, row }: NumberedRow, { file, tokenizer, maxLength }: TokenizeOptions): Pieces => {
  if (row.kind !== 'completion') throw wrongRowKind(file, line, 'SEQ_2_SEQ_LM', '{"prompt","completion"}')
  const { tokens, cut } = encoderTokens(tokenizer, row.prompt, maxLength)
  const completion = completed(row.completion, tokenizer, '') // a decoder begins a text of its own
  const targets = Uint32Array.from(completion.tokens.slice(0, maxLength))
  const weights = completion.weights.slice(0, maxLength).map((each) => each * (row.weight ?? 1))
  return { tokens, targets, weights, cut: cut || completion.tokens.length > maxLength }
}

/** A completion of a text, and the end-of-text token after it, which weighs as much as a token that nobody has weighed. */
const completed = (completion: string | WeightedPart[], tokenizer: RowTokenizer, before: string): Piece => {
  const whole = (text: string): Piece => {
    const tokens = encodeBehind(tokenizer, before, text)
    return { tokens, weights: tokens.map(() => 1) }
  }
  const { tokens, weights } = typeof completion === 'string' ? whole(completion) : encodeParts(completion, tokenizer, before)
  return tokenizer.eosTokenId === undefined ? { tokens, weights } : { tokens: [...tokens, tokenizer.eosTokenId], weights: [...weights, 1] }
}

const generated = (numbered: NumberedRow, options: TokenizeOptions): Pieces[] => {
  const { line, row } = numbered
  const { file, tokenizer, maxLength } = options
  const w = row.weight ?? 1
  if ('label' in row || 'tokens' in row || row.kind === 'pair' || row.kind === 'document')
    throw wrongRowKind(file, line, 'CAUSAL_LM', '{"text"}, {"prompt","completion"} or {"messages"}')
  if ('text' in row) {
    const tokens = tokenizer.encode(row.text)
    return [{ tokens: tokens.slice(0, maxLength), weights: tokens.slice(0, maxLength).map(() => w), cut: tokens.length > maxLength }]
  }
  if (row.kind === 'completion') {
    const prompt = tokenizer.encode(row.prompt)
    const { tokens, weights } = completed(row.completion, tokenizer, row.prompt)
    const pieces = [
      { tokens: prompt, weights: prompt.map(() => 0) },
      { tokens, weights: weights.map((each) => each * w) },
    ]
    return [keepEnd(pieces, maxLength)]
  }
  const { sequences, cut } = chatPieces(numbered, options, w)
  return sequences.map((pieces) => keepEnd(pieces, maxLength)).map((kept) => ({ ...kept, cut: kept.cut || cut }))
}

/** Cuts what follows the last learned piece, then the beginning of what precedes it, and then that piece's end, until all fits. */
const keepEnd = (pieces: Piece[], maxLength: number): Pieces => {
  const tokens = pieces.flatMap((p) => p.tokens)
  const weights = pieces.flatMap((p) => p.weights)
  if (tokens.length <= maxLength) return { tokens, weights, cut: false }
  const last = pieces.findLastIndex((p) => p.weights.some((w) => w > 0))
  const learned = last < 0 ? pieces : pieces.slice(0, last + 1)
  const end = learned.reduce((sum, p) => sum + p.tokens.length, 0)
  const start = Math.max(0, Math.min(end - maxLength, end - learned.at(-1)!.tokens.length))
  return { tokens: tokens.slice(start, start + maxLength), weights: weights.slice(start, start + maxLength), cut: true }
}

interface Piece {
  tokens: number[]
  weights: number[]
}

/**
 * Text and turns are tokenized piece by piece, each behind what stands before it, since that is how inference meets them: a prompt that ends where the
 * assistant begins. A turn that is asked otherwise than the chat shows it is not learned there: it is a sequence of its own, behind its own prompt.
 */
const chatPieces = ({ line, row }: NumberedRow, { tokenizer, model, maxLength }: TokenizeOptions, weight: number): { sequences: Piece[][]; cut: boolean } => {
  if (!tokenizer.renderChat) throw noChatTemplate(model ?? 'of this job')
  const { messages, tools } = row as { messages: RowMessage[]; tools?: ToolFunction[] }
  const render = (some: readonly RowMessage[]): LearnedChat => renderedChat(line, () => tokenizer.renderChat!(some, tools))
  const whole = render(messages)
  const end = keptTurns(messages, whole, { tokenizer, maxLength })
  const turns = end ?? messages
  const { text, assistantSpans, apart } = end ? render(end) : whole
  const pieces: Piece[] = []
  const others: Piece[][] = []
  const add = (before: string, piece: string, w: number, to = pieces): void => {
    if (piece === '') return
    const tokens = encodeBehind(tokenizer, before, piece)
    to.push({ tokens, weights: tokens.map(() => w) })
  }
  const weights = new Set(turns.filter(({ role }) => role === 'assistant').map((turn) => turn.weight ?? 1))
  let done = 0
  for (const span of assistantSpans) {
    const { start, end, message } = span
    if (start < done || (message === null && weights.size > 1)) throw templateNotIncremental(line)
    add(text.slice(0, done), text.slice(done, start), 0)
    const w = weight * (message === null ? [...weights][0] : (turns[message].weight ?? 1))
    const own = w > 0 ? renderedChat(line, () => apart?.(span)) : undefined
    add(text.slice(0, start), text.slice(start, end), own ? 0 : w)
    done = end
    if (!own) continue
    const other: Piece[] = []
    add('', own.prompt, 0, other)
    add(own.prompt, own.answer, w, other)
    others.push(other)
  }
  const isLearned = others.length === 0 || pieces.some((piece) => piece.weights.some((w) => w > 0))
  // What follows the last assistant turn is never learned, so it is left out.
  return { sequences: [...(isLearned ? [pieces] : []), ...others], cut: end !== null }
}

/**
 * A chat with turns that are asked otherwise than it shows them, when it is too long: of those only the ones are learned that cutting it by tokens would leave,
 * and what could not be kept before them is left out. Each has a prompt to render and to read, as long as the chat: of all turns, they would take time that
 * grows with its square. null where the chat is not too long, or is asked as it shows its turns.
 */
const keptTurns = (
  messages: readonly RowMessage[],
  chat: LearnedChat,
  { tokenizer, maxLength }: Pick<TokenizeOptions, 'tokenizer' | 'maxLength'>,
): RowMessage[] | null => {
  const { text, assistantSpans: spans, isAsked = true } = chat
  if (isAsked || spans.some(({ message }) => message === null)) return null
  const weightOf = (turn: number): number => messages[spans[turn].message!].weight ?? 1
  /** The turn with which so many tokens begin that end with a turn; 0 where there are no more. */
  const before = (last: number): number => {
    let [turn, room] = [last, maxLength]
    while (turn > 0 && (room -= tokenizer.encode(text.slice(spans[turn - 1].end, spans[turn].end), { addSpecialTokens: false }).length) > 0) turn--
    return turn
  }
  const learned = before(spans.findLastIndex((_, turn) => weightOf(turn) > 0))
  if (learned <= 0) return null
  const first = spans[learned].message!
  const weighed = messages.map((message, i) => (i < first && message.role === 'assistant' ? { ...message, weight: 0 } : message))
  // So that the first of them, too, has as much before it as is kept of a prompt.
  return endOfChat(weighed, chat, before(learned)) ?? weighed
}

const renderedChat = <T>(line: number, render: () => T): T => {
  try {
    return render()
  } catch (cause) {
    if (isWeftError(cause) && cause.code === 'assistant_turn_not_found') throw templateNotIncremental(line, cause.message)
    if (isWeftError(cause) && cause.code === 'message_not_shown') throw messageNotShown(line, cause.message)
    throw cause
  }
}
