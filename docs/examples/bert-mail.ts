/** A frozen BERT sorts real mail: a soft prompt of 20 tokens and a head are all that is trained. */
import { type Document, mail, split } from '@weft/corpora'
import { openSession } from '@weft/session'

const [source = `${import.meta.dirname}/models/all-MiniLM-L6-v2.json`] = process.argv.slice(2)
await using session = await openSession(source, { tokenizer: '@weft/base-model' })

const labels = ['ham', 'spam']
const sample = (mails: Document[], each: number) =>
  labels.flatMap((label) => mails.filter((one) => one.label === label).slice(0, each).map(({ text }) => ({ text: text.slice(0, 300), label })))
const { train, heldOut } = split(mail())
const unseen = sample(heldOut, 30)

// A sentence encoder is read by the mean over a text's tokens; PEFT's way, the first position, would read the first virtual token.
const { metrics } = await session.train('mail/spam', {
  method: 'prompt-tuning', config: { numVirtualTokens: 20 }, task: 'SEQ_CLS', labels, pooling: 'mean',
  rows: sample(train, 300), heldOut: unseen, hyperparameters: { maxSteps: 30, batchSize: 8, maxLength: 64, learningRate: 2e-2, evalEvery: 15 },
})
console.log(`held-out accuracy: ${metrics.accuracy.toFixed(3)}`)

const verdicts = await session.classify('mail/spam', unseen.map(({ text }) => text), { truncate: true })
console.log(`classified rightly: ${verdicts.filter(({ label }, i) => label === unseen[i].label).length} of ${unseen.length}`)
for (const i of [0, unseen.length - 1]) console.log(`${unseen[i].text.split('\n')[0]} -> ${verdicts[i].label} ${verdicts[i].scores[verdicts[i].label].toFixed(2)}`)
