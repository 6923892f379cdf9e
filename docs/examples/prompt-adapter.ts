/** Branches of one trunk prompt, plugged in and out: each costs a tenth of a prompt, and 0 of it is none of it. */
import { type Document, speeches, split, whale } from '@weft/corpora'
import { openSession } from '@weft/session'

const [source = '@weft/base-model'] = process.argv.slice(2)
await using session = await openSession(source, { tokenizer: '@weft/base-model' })

const passages = (documents: Document[], count: number) =>
  documents.slice(0, 40).flatMap(({ text }) => text.slice(0, 4000).replace(/\s+/g, ' ').match(/[^.]{80,240}\./g) ?? []).slice(0, count).map((passage) => ({ text: passage.trim() }))
const data = { speech: split(speeches()), whale: split(whale()) }
const unseen = { speech: passages(data.speech.heldOut, 16), whale: passages(data.whale.heldOut, 16) }
const hyperparameters = { maxSteps: 30, batchSize: 8, maxLength: 64, learningRate: 1e-2 }

const both = [...passages(data.speech.train, 200), ...passages(data.whale.train, 200)]
await session.train('trunk', { method: 'prompt-tuning', config: { numVirtualTokens: 20 }, rows: both, hyperparameters })
for (const style of ['speech', 'whale'] as const) {
  const rows = passages(data[style].train, 400)
  await session.train(style, { method: 'prompt-adapter', config: { trunk: 'trunk', r: 4 }, rows, hyperparameters })
}

const perplexity = async (expression: string, style: 'speech' | 'whale') => {
  const scores = await session.score(expression, unseen[style].map(({ text }) => text))
  return Math.exp(-scores.reduce((sum, { logprob }) => sum + logprob, 0) / scores.reduce((sum, { tokens }) => sum + tokens, 0))
}
for (const expression of ['base', 'trunk', 'trunk + speech', 'trunk + whale', 'trunk + 0.5*speech + 0.5*whale', 'trunk + 0*speech']) {
  console.log(`${expression}: speech ${(await perplexity(expression, 'speech')).toFixed(3)}, whale ${(await perplexity(expression, 'whale')).toFixed(3)}`)
}
