/** A LoRA with a prefix on top: the prefix is trained over the frozen LoRA, and each is turned up, down and off by the request. */
import { type Document, speeches, split, whale } from '@weft/corpora'
import { openSession } from '@weft/session'

const [source = '@weft/base-model'] = process.argv.slice(2)
await using session = await openSession(source, { tokenizer: '@weft/base-model' })

const passages = (documents: Document[], count: number) =>
  documents.slice(0, 40).flatMap(({ text }) => text.slice(0, 4000).replace(/\s+/g, ' ').match(/[^.]{80,240}\./g) ?? []).slice(0, count).map((passage) => ({ text: passage.trim() }))
const data = { speech: split(speeches()), whale: split(whale()) }
const unseen = { speech: passages(data.speech.heldOut, 16), whale: passages(data.whale.heldOut, 16) }
const hyperparameters = { maxSteps: 30, batchSize: 8, maxLength: 64 }

await session.train('whale', { method: 'lora', config: { r: 4, loraAlpha: 8 }, rows: passages(data.whale.train, 400), hyperparameters })
await session.train('speech', {
  method: 'prefix-tuning', config: { numVirtualTokens: 8 }, on: 'whale', rows: passages(data.speech.train, 400), hyperparameters,
})

const perplexity = async (expression: string, style: 'speech' | 'whale') => {
  const scores = await session.score(expression, unseen[style].map(({ text }) => text))
  return Math.exp(-scores.reduce((sum, { logprob }) => sum + logprob, 0) / scores.reduce((sum, { tokens }) => sum + tokens, 0))
}
for (const expression of ['base', 'whale', 'whale + speech', 'speech', '0.5*whale + speech', 'whale + 0*speech', '0*whale + 0*speech']) {
  console.log(`${expression}: speech ${(await perplexity(expression, 'speech')).toFixed(3)}, whale ${(await perplexity(expression, 'whale')).toFixed(3)}`)
}
