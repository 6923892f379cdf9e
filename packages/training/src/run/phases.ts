import { errors, type LoadedAdapter, siteOf } from '@weft/adapters'
import { chatTurns, renderTurns } from '@weft/inference/chat/chat-prompt'
import { type LoadedModel, noOutputProjection, noTokenizer } from '@weft/model'
import { encodeBehind } from '@weft/model/tokenizer/behind'
import type { TrainingSpec } from '@weft/protocol'
import type { TokenBatch } from '../batch/batch-tensors.ts'
import { probeTexts } from '../data/probe-texts.ts'
import { type ReferenceText, type Render, referenceTexts } from '../data/reference-text.ts'
import type { GraphEngine } from '../graph/engine.ts'
import { type AdapterRegistry, placedExpression } from '../regularize/expression.ts'
import { type FrozenContext, noContext } from '../regularize/frozen-context.ts'
import { KlToTeacher, type ReferenceRow } from '../regularize/kl-to-teacher.ts'
import { type Pool, partnerAt, partnerPool, textsLeftOut, withoutHead } from '../regularize/partners.ts'

/** Where a second phase begins in a run that starts from nothing: after three quarters of its steps the adapter has converged. */
const SECOND_PHASE = 0.75

/** A specification's frozen contexts and reference text, looked up. */
export interface Phases {
  /** What lies frozen beneath the adapter in every batch. */
  beneath: FrozenContext
  pool: Pool
  /** Reference texts; empty where no phase needs any. */
  reference: readonly ReferenceText[]
  /** What other adapters may be asked, as reference text. */
  probes: readonly ReferenceText[]
  /** What was asked for and could not be done. */
  warning?: string
}

export const registryOf = ({ required }: TrainingSpec, adapters: readonly LoadedAdapter[]): AdapterRegistry =>
  new Map(required.flatMap(({ ref }, i) => (adapters[i] ? [[ref, adapters[i]] as const] : [])))

/**
 * @param sites where the trained adapter acts
 * @throws TrainingError `missing_required`; `no_output_projection` for `locality` on what predicts no tokens; what parsing and composing refuse; `stack_not_supported` for what could never be composed afterwards
 */
export const phasesOf = async (
  { name, on, partners, locality, settles, seed }: TrainingSpec,
  {
    sites,
    registry,
    model,
    file,
    probes,
  }: { sites: readonly string[]; registry: AdapterRegistry; model: LoadedModel; file?: string | Uint8Array; probes?: string | Uint8Array },
): Promise<Phases> => {
  const under = on === undefined ? undefined : placedExpression(on, registry, model)
  for (const site of sites)
    if (under?.inputs.some((input) => input.site === site) && siteOf(site).strength === 'none') throw errors.stackNotSupported(site, [on!, name])
  const render: Render = (messages, addGenerationPrompt) => renderTurns(model.chat, chatTurns(model.chat, messages), undefined, addGenerationPrompt)
  // Said before the first step, and not when the phase begins.
  if (locality && model.architecture.outputProjection(model.config) === null) throw noOutputProjection(model.spec.architecture)
  // A stack that is settled meets the others, and nobody else.
  const reference = (locality && settles === undefined) || partners?.texts ? await referenceTexts(file, render) : []
  const besides = reference.map(({ before, text }) => before + text)
  const warning = partners && textsLeftOut(partners, besides, model)
  return {
    beneath: under ? { before: [withoutHead(under)], after: [] } : noContext,
    pool: partners ? partnerPool(partners, { model, registry, reference: besides, seed }) : [],
    reference,
    probes: locality && probes !== undefined ? probeTexts(probes, render, { settled: settles !== undefined }) : [],
    ...(warning !== undefined && { warning }),
  }
}

/** A batch as it is learned with nobody but what lies beneath. */
export const over =
  (beneath: FrozenContext) =>
  (batch: TokenBatch): TokenBatch =>
    beneath === noContext ? batch : { ...batch, context: beneath }

/** What a specification's `locality` measures itself by; undefined without one. */
export const klToBaseOf = (
  { locality, seed, hyperparameters: { batchSize } }: TrainingSpec,
  { beneath, reference, probes }: Phases,
  { frozen, model }: { frozen: GraphEngine; model: LoadedModel },
): KlToTeacher | undefined =>
  locality &&
  new KlToTeacher(referenceRows([...reference, ...asManyAs(reference, probes)], model), {
    teacher: frozen,
    beneath,
    batchSize,
    ...locality,
    stream: 'locality',
    seed,
    answers: model.spec.encoderDecoder !== undefined,
  })

/** The micro-batches of a step with their context, and what the adapter is compared with teachers on after them. */
export const phasedBatches = (
  { partners, locality, from, seed }: TrainingSpec,
  { beneath, pool }: Phases,
  {
    batches,
    totalSteps,
    klToBase,
    klToBefore,
  }: { batches: (step: number) => readonly TokenBatch[]; totalSteps: number; klToBase: KlToTeacher | undefined; klToBefore?: KlToTeacher | undefined },
): ((step: number) => Promise<TokenBatch[]>) => {
  // However late, a phase that was asked for has a step.
  const startOf = (after = from === undefined ? SECOND_PHASE : 0): number => Math.min(totalSteps - 1, Math.round(after * totalSteps))
  return async (step) => {
    const context = partners && step >= startOf(partners.after) ? partnerAt(pool, partners, beneath, seed, step) : beneath
    const own = batches(step).map(over(context))
    const silent = klToBase && step >= startOf(locality!.after) ? await klToBase.at(step) : undefined
    const kept = await klToBefore?.at(step)
    return [...own, ...[silent, kept].filter((batch) => batch !== undefined)]
  }
}

/** Probes again and again until they are as many as the reference text: few of them would hardly be met. */
const asManyAs = (reference: readonly ReferenceText[], probes: readonly ReferenceText[]): ReferenceText[] =>
  probes.length === 0 ? [] : Array.from({ length: Math.max(reference.length, probes.length) }, (_, i) => probes[i % probes.length])

/** What is compared with teachers, as it is asked: where requests have one special token at their beginning, it has one. */
export const referenceRows = (texts: readonly ReferenceText[], { tokenizer, name, spec }: Pick<LoadedModel, 'tokenizer' | 'name' | 'spec'>): ReferenceRow[] => {
  if (!tokenizer) throw noTokenizer(name)
  return texts.map(({ before, text, answered = false, begun = false }) => {
    // An encoder in front of a decoder has the end-of-text token behind whatever it reads.
    const addSpecialTokens = !begun || spec.encoderDecoder !== undefined
    const encode = (beginning: string): number[] => tokenizer.encode(beginning, { addSpecialTokens })
    const read = before === '' ? [] : encode(before)
    const own = text === '' || before !== '' ? encodeBehind(tokenizer, before, text) : encode(text)
    const tokens = [...read, ...own]
    // Whatever token stands there: the divergence is that of what is predicted at its place.
    return { tokens: answered ? [...tokens, tokens.at(-1) ?? 0] : tokens, from: read.length }
  })
}
