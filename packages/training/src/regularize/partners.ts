import { floatTensor, type Partners, type PlacedComposition, placedComposition, Random, rowWidth } from '@weft/adapters'
import { type LoadedModel, noTokenizer, tokenRows } from '@weft/model'
import { surroundings } from '@weft/model/tokenizer/word-pieces'
import { noPartners, noPartnerTexts } from '../errors.ts'
import { type AdapterRegistry, embedText, placedExpression } from './expression.ts'
import type { FrozenContext } from './frozen-context.ts'

/** Rows that a text or random tokens take: one length, so that all of them share a session. */
const ROWS = 16
/** How many texts, and how many draws of random tokens, there are to choose from. */
const CHOICES = 32

/** Who may stand beside the adapter, by kind; a kind is chosen first, so that many texts do not crowd out few adapters. */
export type Pool = readonly (readonly PlacedComposition[])[]

/**
 * Texts stand beside it where the file has some that are long enough: they are asked for unless that is denied, also by whoever names adapters.
 * @throws TrainingError `no_partners`, `no_partner_texts` where nobody could ever stand there
 */
export const partnerPool = (
  { adapters, texts, randomRows }: Partners,
  { model, registry, reference, seed }: { model: LoadedModel; registry: AdapterRegistry; reference: readonly string[]; seed: number },
): Pool => {
  const random = new Random(seed).split('partners').split('pool')
  const { vocabSize } = model.spec
  const rows = (data: Float32Array): PlacedComposition => {
    const segments = [{ kind: 'rows' as const, rows: floatTensor([ROWS, rowWidth(model.spec)], data) }]
    return placedComposition({ segments, sites: {}, longestPrefix: 0 }, model.spec, (text) => embedText(model, text))
  }
  const drawn = (): PlacedComposition =>
    rows(
      tokenRows(
        model,
        Array.from({ length: ROWS }, () => random.integer(vocabSize)),
      ),
    )
  const read = texts ? longTexts(reference, model) : []
  if (adapters.length === 0 && read.length === 0 && !randomRows) throw texts ? noPartnerTexts(ROWS) : noPartners()
  return [
    adapters.map((expression) => withoutHead(placedExpression(expression, registry, model))),
    read.map((tokens) => rows(tokenRows(model, tokens))),
    randomRows ? Array.from({ length: CHOICES }, drawn) : [],
  ].filter((kind) => kind.length > 0)
}

/** What whoever asks for texts is told where the file has none that is long enough, and others stand there in their place; undefined where there is nothing to say. */
export const textsLeftOut = ({ texts }: Partners, reference: readonly string[], model: LoadedModel): string | undefined =>
  texts && longTexts(reference, model).length === 0
    ? `No row of foreign_file has the ${ROWS} tokens of a text that can stand beside the adapter: only other partners do. Give longer rows, or set partners.texts to false.`
    : undefined

/** Tokens of the first texts that are long enough, without the special ones of a beginning, which a chat's template writes: the prompt brings those. */
const longTexts = (reference: readonly string[], { tokenizer, name }: Pick<LoadedModel, 'tokenizer' | 'name'>): number[][] => {
  const found: number[][] = []
  for (const text of reference) {
    if (!tokenizer) throw noTokenizer(name)
    const tokens = tokenizer.encode(text, { addSpecialTokens: false })
    const { before } = surroundings(tokenizer)
    const own = before.every((token, i) => tokens[i] === token) ? tokens.slice(before.length) : tokens
    if (own.length >= ROWS) found.push(own.slice(0, ROWS))
    if (found.length === CHOICES) break
  }
  return found
}

/** The context of a batch: a pure function of seed and step, so that a resumed run meets the same partners. */
export const partnerAt = (pool: Pool, { probability }: Partners, beneath: FrozenContext, seed: number, step: number): FrozenContext => {
  const random = new Random(seed).split('partners').split(step)
  if (pool.length === 0 || random.uniform() >= probability) return beneath
  const kind = pool[random.integer(pool.length)]
  const partner = kind[random.integer(kind.length)]
  return random.uniform() < 0.5 ? { ...beneath, before: [...beneath.before, partner] } : { ...beneath, after: [...beneath.after, partner] }
}

/** A text has no class: an adapter's head stays out of what lies beside another. */
export const withoutHead = ({ placement, inputs }: PlacedComposition): PlacedComposition => ({
  placement,
  inputs: inputs.filter(({ site }) => site !== 'head'),
})
