/** P-tuning on a GPT-2: twenty rows that a small network makes while training, and that are stored without it. */
import { type Document, split, whale } from '@weft/corpora'
import { openSession } from '@weft/session'

const [source = `${import.meta.dirname}/models/gpt2.json`] = process.argv.slice(2)
await using session = await openSession(source, { tokenizer: '@weft/base-model' })

const sentences = (documents: Document[], count: number) =>
  documents.slice(0, 40).flatMap(({ text }) => text.slice(0, 4000).replace(/\s+/g, ' ').match(/[^.]{80,240}\./g) ?? []).slice(0, count).map((sentence) => ({ text: sentence.trim() }))
const { train, heldOut } = split(whale())

for (const encoderReparameterizationType of ['mlp', 'lstm']) {
  const { metrics } = await session.train(`whale/${encoderReparameterizationType}`, {
    method: 'p-tuning', config: { numVirtualTokens: 20, encoderReparameterizationType, encoderHiddenSize: 64 },
    rows: sentences(train, 300), heldOut: sentences(heldOut, 16), hyperparameters: { maxSteps: 40, batchSize: 8, maxLength: 64 },
  })
  const { virtualTokens } = session.adapter(`whale/${encoderReparameterizationType}`).manifest
  console.log(`${encoderReparameterizationType}: ${virtualTokens.rows} rows, held-out perplexity ${metrics.perplexity.toFixed(1)}`)
}
const texts = sentences(heldOut, 16).map(({ text }) => text)
for (const expression of ['base', 'base + whale/mlp', 'base + whale/lstm']) {
  const scores = await session.score(expression, texts)
  const perplexity = Math.exp(-scores.reduce((sum, { logprob }) => sum + logprob, 0) / scores.reduce((sum, { tokens }) => sum + tokens, 0))
  console.log(`${expression}: perplexity ${perplexity.toFixed(1)}`)
}
