import { readFileSync } from 'node:fs'
import { textState, writeAdapter } from '@weft/adapters'
import { fromDocumentOf, PluginRegistry } from '@weft/methods'
import allPlugins from '@weft/plugins'
import { type ModelSession, openSession } from '@weft/session'
import { documentUnusable } from '../errors.ts'
import { bundledQuestions, type Question, readQuestions } from './questions.ts'

export interface BenchCompressOptions {
  /** A model folder. */
  model: string
  /** A text file. */
  document: string
  /** JSONL of {prompt, completion}; what comes along when absent. */
  questions?: string
  /** Keys, of each compression. */
  tokens: readonly number[]
  /** Steps of self-study; none when absent. */
  selfStudy?: number
  learningRate?: number
  batch: number
  method: string
  seed: number
  threads?: number
  onNote?: (text: string) => void
}

/** How well questions are answered behind something. */
export interface Answered {
  /** Mean log-probability of an answer's token, in nats, over all answers' tokens. */
  logprob: number
  /** Share of questions whose greedy answer begins with the expected one, by letters and digits alone where it has any. */
  exact: number
}

export interface CompressedRow extends Answered {
  tokens: number
  /** CPU seconds of this process. */
  cpu_seconds: number
  bytes: number
  metrics: Record<string, number>
}

export interface BenchCompressResult {
  document_tokens: number
  questions: number
  seed: number
  none: Answered
  in_context: Answered
  /** The document's beginning, of as many tokens. */
  truncated: (Answered & { tokens: number })[]
  /** A summary that the model itself writes with the document in context, of as many tokens at most. */
  summary: (Answered & { tokens: number })[]
  compressed: CompressedRow[]
  self_study?: CompressedRow[]
}

/** Compresses a document, and compares answers to questions about it with those behind nothing, the document itself, its beginning and a summary. */
export const benchCompress = async (options: BenchCompressOptions): Promise<BenchCompressResult> => {
  const { onNote = () => {} } = options
  const text = readFileSync(options.document, 'utf8')
  if (!text.trim()) throw documentUnusable(options.document)
  // Before everything that it is compared with is measured.
  fromDocumentOf(new PluginRegistry(allPlugins).get(options.method))
  const questions = readQuestions(options.questions ?? bundledQuestions)
  await using session = await openSession(options.model, { ...(options.threads !== undefined && { threads: options.threads }) })
  const ids = [...session.model.tokenizer!.encode(text, { addSpecialTokens: false })]
  const answered = async (what: string, expression: string): Promise<Answered> => {
    const result = await answers(session, expression, questions)
    onNote(`${what}: ${result.logprob.toFixed(3)} nats a token, ${Math.round(result.exact * questions.length)} of ${questions.length} exact`)
    return result
  }
  // An expression holds a few thousand characters; a text that is an adapter holds a document.
  const { name, fingerprint, spec } = session.model
  const behind = async (called: string, words: string): Promise<string> => {
    const base = { name, fingerprint, architecture: spec.architecture }
    await session.add(
      `text/${called}`,
      await writeAdapter({ method: 'text', config: { text: words }, task: 'CAUSAL_LM', lineage: {}, base }, { text: textState(words) }),
    )
    return `base + text/${called}`
  }
  const whole = await behind('whole', text)
  const none = await answered('no document', 'base')
  const inContext = await answered('in context', whole)

  const truncated: BenchCompressResult['truncated'] = []
  const summary: BenchCompressResult['summary'] = []
  for (const tokens of options.tokens) {
    const beginning = session.model.tokenizer!.decode(ids.slice(0, tokens))
    truncated.push({ tokens, ...(await answered(`its first ${tokens} tokens`, await behind(`first-${tokens}`, beginning))) })
    const written = await session.generate(whole, '\n\nA summary of the text above, with its most important facts:\n', { maxTokens: tokens })
    summary.push({ tokens, ...(await answered(`a summary of ${tokens} tokens`, await behind(`summary-${tokens}`, written.text || '.'))) })
  }
  const compressed = async (selfStudy?: number): Promise<CompressedRow[]> => {
    const rows: CompressedRow[] = []
    for (const tokens of options.tokens) {
      const started = process.cpuUsage()
      const called = `document/${selfStudy ? 'studied' : 'compressed'}-${tokens}`
      const { metrics, adapter } = await session.compress(called, {
        method: options.method,
        config: { numVirtualTokens: tokens },
        rows: [{ document: text }],
        seed: options.seed,
        ...(selfStudy && {
          document: { selfStudy },
          hyperparameters: { batchSize: options.batch, ...(options.learningRate !== undefined && { learningRate: options.learningRate }) },
        }),
      })
      const { user, system } = process.cpuUsage(started)
      const what = selfStudy ? `${tokens} keys, ${selfStudy} steps of self-study` : `${tokens} keys`
      rows.push({ tokens, ...(await answered(what, `base + ${called}`)), cpu_seconds: Math.round((user + system) / 1e6), bytes: adapter.length, metrics })
    }
    return rows
  }
  return {
    document_tokens: ids.length,
    questions: questions.length,
    seed: options.seed,
    none,
    in_context: inContext,
    truncated,
    summary,
    compressed: await compressed(),
    ...(options.selfStudy !== undefined && { self_study: await compressed(options.selfStudy) }),
  }
}

const answers = async (session: ModelSession, expression: string, questions: readonly Question[]): Promise<Answered> => {
  let [logprob, tokens, exact] = [0, 0, 0]
  for (const { prompt, completion } of questions) {
    const asked = `\n\n${prompt}`
    const [scored] = await session.score(expression, [completion], asked)
    logprob += scored.logprob
    tokens += scored.tokens
    const { text } = await session.generate(expression, asked, { maxTokens: scored.tokens + 4, stop: ['\n'] })
    if (isAnswered(text, completion)) exact += 1
  }
  return { logprob: logprob / tokens, exact: exact / questions.length }
}

/** Whether what was written begins with what is expected, by letters and digits alone; an answer that has none of them (😀, +) as it stands. */
export const isAnswered = (written: string, expected: string): boolean =>
  lettersOf(expected) === '' ? written.trim().startsWith(expected.trim()) : lettersOf(written).startsWith(lettersOf(expected))

const lettersOf = (text: string): string => text.toLowerCase().replace(/[^\p{L}\p{N}]/gu, '')
