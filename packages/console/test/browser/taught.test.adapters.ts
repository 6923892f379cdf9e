import type { CreateJobParameters, WeftClient } from '@weft/client'

const speech = ['My fellow citizens, we meet again.', 'We hold that every citizen is free.', 'The state of our union is strong.']
const mails = [
  'win a prize now',
  'free money inside',
  'claim your reward',
  'cheap pills today',
  'see you at lunch',
  'the minutes are attached',
  'can we meet on Monday',
  'thank you for the report',
]

const rows = (values: readonly object[]): string => values.map((value) => JSON.stringify(value)).join('\n')
const texts = rows(Array.from({ length: 8 }, (_, n) => ({ text: `${speech[n % speech.length]} ${n}` })))
const labels = rows(mails.map((text, n) => ({ text, label: n < 4 ? 'spam' : 'ham' })))

/** Trains for a few steps: the adapters are real, and say little. */
export async function teach(weft: WeftClient): Promise<void> {
  const file = async (content: string, filename: string): Promise<string> => (await weft.files.upload({ content, filename })).id
  const [text, label] = [await file(texts, 'speech.jsonl'), await file(labels, 'mails.jsonl')]
  const train = async (parameters: Omit<CreateJobParameters, 'model'>): Promise<void> => {
    const job = await weft.jobs.create({ model: 'base', hyperparameters: { maxSteps: 3 }, seed: 1, ...parameters })
    const { status, error } = await weft.jobs.wait(job.id)
    if (status !== 'succeeded') throw new Error(`${parameters.suffix} was not trained: ${JSON.stringify(error)}`)
  }
  const prefix = { type: 'prefix-tuning', 'prefix-tuning': { numVirtualTokens: 4 } }
  await train({ suffix: 'style/speech', trainingFile: text, validationFile: text, method: prefix })
  await train({ suffix: 'style/speech', trainingFile: text, validationFile: text, method: prefix, from: 'style/speech@1' })
  await train({ suffix: 'style/short', trainingFile: text, method: { type: 'prompt-tuning', 'prompt-tuning': { numVirtualTokens: 4 } } })
  await train({ suffix: 'mail/spam', trainingFile: label, validationFile: label, method: { type: 'p-tuning-v2', 'p-tuning-v2': { numVirtualTokens: 4 } } })
  await weft.routes.put('orator', { composition: 'base + style/speech', description: 'As a president would' })
}
