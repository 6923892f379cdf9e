import { type Document, mail, split, spread } from '@weft/corpora'
import type { Question, QuestionTask } from './task.ts'

/** What a list is called, how its mails are tagged, and what it is about: the base model is told the last. */
const lists = [
  { name: 'ilug', tag: '[ILUG]', about: 'Irish Linux users who help each other' },
  { name: 'razor', tag: '[Razor-users]', about: 'users of the mail filter Razor' },
  { name: 'spambayes', tag: '[Spambayes]', about: 'the developers of a statistical mail filter in Python' },
  { name: 'zzzzteana', tag: '[zzzzteana]', about: 'strange news and odd stories' },
]

const system = `Which list is the mail for: ${lists.map(({ name }) => name).join(', ')}?`
const described = `Which mailing list was the mail sent to? ${lists.map(({ name, about }) => `${name}: ${about}`).join('; ')}. Answer with the name of the list only.`

/** What is read of a mail, in characters. */
const CHARACTERS = 240
/** Lines that name an address or say who wrote what, of quoted headers, and empty ones. */
const NO_TEXT = /(wrote|writes|said):?\s*$|^>*\s*(On|At|From|To|Sent|Subject|Date|Message|Cc)\b.*[\d:]|@|Original Message|^[>\s]*$/

/** A mail's subject and how it begins, without what would give the list away: tags in brackets, addresses. */
const excerpt = (text: string): string => {
  const end = text.indexOf('\n\n')
  const tidy = (part: string): string =>
    part
      .replace(/\[[^\]]*\]/g, ' ')
      .replace(/[>\s]+/g, ' ')
      .trim()
  const body = text
    .slice(end)
    .split('\n')
    .filter((line) => !NO_TEXT.test(line))
  return `${tidy(text.slice('Subject: '.length, end))}\n${tidy(body.join(' '))}`.slice(0, CHARACTERS)
}

const asking = (documents: readonly Document[], count: number, name: string): Question[] => {
  const texts = [...new Set(documents.map(({ text }) => excerpt(text)))].filter((text) => text.length > CHARACTERS / 2)
  return spread(texts, count).map((user) => ({ system, user, completion: name, answer: name }))
}

const inTurn = <T>(groups: readonly (readonly T[])[]): T[] =>
  Array.from({ length: Math.max(...groups.map(({ length }) => length)) }, (_, i) => groups.flatMap((group) => group.slice(i, i + 1))).flat()

/**
 * A domain from few examples: which of four lists a mail was sent to, learned from 16 mails of each. Threads are never cut; the smaller part is learned, the
 * larger one is measured on.
 */
export const mailingList = (heldOut: number): QuestionTask => {
  const parts = lists.map((list) => {
    const { train: many, heldOut: few } = split(mail().filter(({ text }) => text.includes(list.tag)))
    return { training: asking(few, 16, list.name), heldOut: asking(many, Math.ceil(heldOut / lists.length), list.name) }
  })
  const training = inTurn(parts.map((part) => part.training))
  return {
    kind: 'questions',
    name: 'domain/mailing-list',
    method: 'lora',
    config: { r: 2, loraAlpha: 8 },
    hyperparameters: { maxSteps: 32, batchSize: 4, learningRate: 2e-3 },
    training,
    heldOut: { 'new threads': inTurn(parts.map((part) => part.heldOut)) },
    prompts: {
      'the same question': {},
      'the lists described': { system: described },
      'the lists described and four examples': { system: described, examples: training.slice(0, 4) },
    },
    maxTokens: 8,
    choices: lists.map(({ name }) => name),
    keepsForm: () => true,
    says: (text, answer) => text.trim() === answer,
  }
}
