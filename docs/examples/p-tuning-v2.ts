/** P-tuning v2 with two tasks on one prompt: keys and values in every layer of a BERT, and classes of its own for each task. */
import { type Document, mail, speeches, split, whale } from '@weft/corpora'
import { openSession } from '@weft/session'

const [source = `${import.meta.dirname}/models/all-MiniLM-L6-v2.json`] = process.argv.slice(2)
await using session = await openSession(source, { tokenizer: '@weft/base-model' })

const mails = split(mail()), books = { speech: split(speeches()), whale: split(whale()) }
const rows = (part: 'train' | 'heldOut', each: number) => {
  const take = (documents: Document[], task: string, label: string) => documents.slice(0, each).map(({ text }) => ({ text: text.slice(0, 300), task, label }))
  return [
    ...['ham', 'spam'].flatMap((label) => take(mails[part].filter((one) => one.label === label), 'mail', label)),
    ...(['speech', 'whale'] as const).flatMap((book) => take(books[book][part], 'book', book)),
  ]
}
const unseen = rows('heldOut', 12)
const { metrics } = await session.train('judge', {
  method: 'p-tuning-v2', config: { numVirtualTokens: 20 }, task: 'SEQ_CLS', pooling: 'mean',
  rows: rows('train', 200), heldOut: unseen, hyperparameters: { maxSteps: 40, batchSize: 8, maxLength: 64, learningRate: 2e-2, evalEvery: 20 },
})
console.log(`one prompt: ${session.adapter('judge').manifest.virtualTokens.prefix} tokens, classes ${session.adapter('judge').manifest.labels!.join(', ')}`)
console.log(`held-out accuracy: ${metrics.accuracy.toFixed(3)}`)

const verdicts = await session.classifyTasks('judge', unseen.map(({ text }) => text), { truncate: true })
for (const task of ['mail', 'book']) {
  const own = unseen.flatMap((row, i) => (row.task === task ? [{ right: row.label, said: verdicts[i].tasks[task] }] : []))
  console.log(`${task}: ${own.filter(({ right, said }) => 'label' in said && said.label === right).length} of ${own.length} right`)
}
