import { adapterRefs, type Expression, print } from '@weft/adapters'
import { AttentionInputs, noTokenizer } from '@weft/model'
import { encodeBehind } from '@weft/model/tokenizer/behind'
import type { ModelSession } from '@weft/session'
import { GraphEngine } from '@weft/training'
import { frozenProgram } from '@weft/training/graph/frozen-program'
import { cannotInterfere } from '../errors.ts'
import { mean, meanOfEach } from '../statistics.ts'
import { adviceOf, runs, settles } from './advice.ts'
import { type AnsweredTokens, answersMoved } from './answers-moved.ts'
import { requireComposed } from './composing.ts'
import { agreement, type JudgedAnswer, keptShare } from './kept.ts'
import { askedOf } from './operands.ts'
import { evidence, kullbackLeibler, thresholds, totalVariation, type Verdict, verdictOf } from './verdict.ts'

/** An input, and what is answered to it where that is known; nobody needs to know what is right. */
export interface Probe {
  prompt: string
  completion?: string
  /** The completion is what the adapter writes by itself, and nobody says that it is right. */
  own?: boolean
  /** The prompt is a text as the adapter writes it, and not a question: what is read is how it goes on from its first word. A classifier reads all of it. */
  isText?: boolean
  /** The special tokens of a beginning are written in the prompt: a chat's template writes them itself. */
  begun?: boolean
}

export interface InterfereOptions {
  /** Inputs to try; by adapter's name, or under '' for all others. 12 to 48 tell enough. */
  probes: Readonly<Record<string, readonly Probe[]>>
  /** Tokens that an adapter alone answers with where a probe has no completion. */
  tokens?: number
  /** Answers to choose from, for adapters that tell labels without a head. */
  choices?: readonly string[]
  /** Hears of each input that was answered, and again of each that was compared. @param total inputs of all adapters, twice */
  onProgress?: (done: number, total: number) => void
}

/** What the rest of an expression does to one of its adapters. */
export interface Interference {
  adapter: string
  inputs: number
  /** Mean KL of the adapter alone against itself in the composition, at its own answers' positions; nats. */
  divergence: number
  /** Of what it gains alone over the base, the share that it should keep; no measurement, since nobody says what is right. */
  kept: number
  verdict: Verdict
  /** Mean probability of each label, alone and in the composition, and how much of it moved. */
  labels?: { alone: Record<string, number>; composed: Record<string, number>; shift: number; shifted: boolean }
  advice: string
}

export interface InterferenceReport {
  expression: string
  verdict: Verdict
  adapters: Interference[]
  thresholds: typeof thresholds
  evidence: string
}

/**
 * Predicts, before anything is published, what each adapter of a composition keeps in it: how far its own answers' distributions
 * move, and its labels'. Needs inputs and no labels.
 */
export const interfere = async (
  asked: ModelSession,
  expression: string,
  { probes, tokens = 12, choices, onProgress }: InterfereOptions,
): Promise<InterferenceReport> => {
  const { model } = asked
  const { terms, operator } = requireComposed(expression, choices)
  const { runtime, weights, threads } = await asked.engineParts()
  const own = terms.filter((term) => adapterRefs(term).length > 0)
  const canSettle = settles(own, (name) => asked.adapters.get(name))
  if (model.spec.encoderDecoder) throw cannotInterfere(expression, 'the distributions of encoder-decoders are not compared yet')
  const program = frozenProgram(model)
  using engine = new GraphEngine({
    program,
    runtime,
    weights,
    threads,
    attention: new AttentionInputs(model),
    values: {},
  })
  const adapters: Interference[] = []
  const inputsOf = (term: Expression): readonly Probe[] => probes[print(term)] ?? probes[adapterRefs(term)[0].name] ?? probes[''] ?? []
  const total = 2 * own.reduce((sum, term) => sum + inputsOf(term).length, 0)
  let done = 0
  const step = (inputs: number): void => onProgress?.((done += inputs), total)
  for (const term of own) {
    const name = print(term)
    const inputs = inputsOf(term)
    if (inputs.length === 0) throw cannotInterfere(expression, `there are no inputs to try "${name}" with`)
    const hasHead = adapterRefs(term).some((reference) => asked.adapters.get(reference.name)?.state.head)
    const labels = hasHead || choices ? await labelShift(name, expression, inputs, asked, hasHead ? undefined : choices) : undefined
    const written = hasHead ? undefined : await answersOf(name, inputs, asked, tokens, step)
    const moved = written && (await answersMoved(engine, model.spec.vocabSize, written, askedOf(name, asked), askedOf(expression, asked)))
    step(hasHead ? 2 * inputs.length : inputs.length)
    const perInput = moved ? moved.map(({ divergence }) => divergence) : labels!.divergences
    const divergence = mean(perInput)
    const kept = labels ? labels.kept : keptShare(moved!, written!)
    const verdict = verdictOf(kept)
    const shifted = labels !== undefined && labels.shift > thresholds.shift
    adapters.push({
      adapter: name,
      inputs: inputs.length,
      divergence,
      kept,
      verdict,
      ...(labels && { labels: { alone: labels.alone, composed: labels.composed, shift: labels.shift, shifted } }),
      advice: adviceOf({ verdict, shifted, atOutput: operator !== undefined, runs: runs(term), settles: canSettle }),
    })
  }
  const worst = (['loses', 'uncertain', 'keeps'] as const).find((verdict) => adapters.some((each) => each.verdict === verdict))!
  return { expression, verdict: worst, adapters, thresholds, evidence }
}

/** Characters of a text that are read: its distributions are held over the whole vocabulary. */
const TEXT = 160

/** A text as its first word, and what follows it. One word alone is an input like any other. */
const continued = (probe: Probe): Probe => {
  const at = probe.isText ? probe.prompt.indexOf(' ', 1) : -1
  return at < 0 ? probe : { prompt: probe.prompt.slice(0, at), completion: probe.prompt.slice(at, at + TEXT) }
}

/** The inputs with the answers that are given, or that the adapter alone writes. */
const answersOf = async (name: string, inputs: readonly Probe[], session: ModelSession, maxTokens: number, step: (inputs: number) => void) => {
  const {
    model,
    model: { tokenizer },
  } = session
  if (!tokenizer) throw noTokenizer(model.name)
  const answered: (AnsweredTokens & JudgedAnswer)[] = []
  for (const { prompt, completion, begun = false, own = completion === undefined } of inputs.map(continued)) {
    const before = tokenizer.encode(prompt, { addSpecialTokens: !begun })
    const written =
      completion === undefined ? (await session.generate(name, { tokens: before }, { maxTokens })).tokens : encodeBehind(tokenizer, prompt, completion)
    // An adapter that has nothing to say says so with the token that ends a text.
    const answer = written.length > 0 ? written : tokenizer.eosTokenIds.slice(0, 1)
    if (before.length > 0 && answer.length > 0) answered.push({ tokens: [...before, ...answer], answerFrom: before.length, text: answer.join(' '), own })
    step(1)
  }
  return answered
}

const labelShift = async (name: string, expression: string, inputs: readonly Probe[], asked: ModelSession, choices?: readonly string[]) => {
  const distributions = async (text: string): Promise<Record<string, number>[]> => {
    if (!choices) {
      const prompts = inputs.map(({ prompt }) => prompt)
      return (await asked.classify(text, prompts)).map(({ scores }) => scores)
    }
    const chosen = []
    for (const { prompt, begun = false } of inputs)
      chosen.push(
        softmaxOf(
          choices,
          (await asked.score(text, choices, prompt, { answers: true, begun })).map(({ logprob }) => logprob),
        ),
      )
    return chosen
  }
  const [alone, composed] = [await distributions(name), await distributions(expression)]
  const [before, after] = [meanOfEach(alone), meanOfEach(composed)]
  const changed = alone.filter((p, i) => likeliest(p) !== likeliest(composed[i])).length
  return {
    ...{ alone: before, composed: after, shift: totalVariation(before, after), kept: agreement(changed, alone.length, Object.keys(before).length) },
    divergences: alone.map((p, i) => kullbackLeibler(p, composed[i])),
  }
}

const likeliest = (p: Readonly<Record<string, number>>): string => Object.keys(p).reduce((best, label) => (p[label] > p[best] ? label : best))

const softmaxOf = (choices: readonly string[], logs: readonly number[]): Record<string, number> => {
  const most = Math.max(...logs)
  const total = logs.reduce((sum, log) => sum + Math.exp(log - most), 0)
  return Object.fromEntries(choices.map((choice, i) => [choice, Math.exp(logs[i] - most) / total]))
}
