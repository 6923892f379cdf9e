/** A T5 learns what a mail's subject might be, with PEFT's own configuration: adapter_config.json is accepted as it is. */

import { readFile } from 'node:fs/promises'
import { mail, split } from '@weft/corpora'
import { openSession } from '@weft/session'

const [source = `${import.meta.dirname}/models/t5.json`] = process.argv.slice(2)
await using session = await openSession(source, { tokenizer: '@weft/base-model' })

const { train, heldOut } = split(mail())
const rows = (mails: typeof train) => mails.map(({ text }) => {
  const [subject, ...body] = text.split('\n')
  return { prompt: body.join(' ').trim().slice(0, 240), completion: subject.replace('Subject: ', '') }
})
const recipe = {
  rows: rows(train.slice(0, 300)), heldOut: rows(heldOut.slice(0, 30)),
  hyperparameters: { maxSteps: 40, batchSize: 8, maxLength: 64, learningRate: 0.1 },
}

const config = { taskType: 'SEQ_2_SEQ_LM', numVirtualTokens: 20, tokenizerNameOrPath: source }
const { metrics } = await session.train('mail/subject', { method: 'prompt-tuning', config, ...recipe })
console.log(`held-out perplexity: ${metrics.perplexity.toFixed(1)}`)

const file = JSON.parse(await readFile(`${import.meta.dirname}/models/adapter_config.json`, 'utf8'))
await session.train('from-file', { config: file, ...recipe })
console.log(`the same bytes from PEFT's file: ${session.adapter('from-file').digest === session.adapter('mail/subject').digest}`)

const [{ prompt }] = recipe.heldOut
for (const expression of ['base', 'mail/subject']) console.log(`${expression} writes: ${(await session.generate(expression, prompt, { maxTokens: 12 })).text}`)
