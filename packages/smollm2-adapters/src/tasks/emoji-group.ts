import { Random } from '@weft/adapters'
import catalogue from 'unicode-emoji-json' with { type: 'json' }
import type { Question, QuestionTask } from './task.ts'

/** A group of Unicode's emoji: what we call it, what Unicode does, and what is in it, which the base model is told. */
const groups = [
  { name: 'nature', unicode: 'Animals & Nature', about: 'animals and plants' },
  { name: 'food', unicode: 'Food & Drink', about: 'what is eaten, drunk, or eaten with' },
  { name: 'travel', unicode: 'Travel & Places', about: 'vehicles, buildings, landscapes, times, sky and weather' },
  { name: 'objects', unicode: 'Objects', about: 'clothing, instruments, devices, tools, and other things' },
]

const names = groups.map(({ name }) => name).join(', ')
const system = `Which group of emoji is it in: ${names}?`
const described = `In which group of emoji is it? ${groups.map(({ name, about }) => `${name}: ${about}`).join('; ')}. Answer with the name of the group only.`

/** Names that are learned of each group. */
const LEARNED = 16

/** Words of a name, but for the shortest, which say nothing. */
const wordsOf = (name: string): string[] => name.toLowerCase().match(/\p{L}{3,}/gu) ?? []

const shuffled = <T>(values: readonly T[], seed: string): T[] => [...new Random(seed).permutation(values.length)].map((i) => values[i])

const inTurn = <T>(lists: readonly (readonly T[])[]): T[] =>
  Array.from({ length: Math.max(...lists.map(({ length }) => length)) }, (_, i) => lists.flatMap((list) => list.slice(i, i + 1))).flat()

/**
 * A domain from few examples: into which group of Unicode's emoji a name belongs, learned from 16 names of each. A name that is measured on shares no word
 * with any that is learned: of "green apple" and "red apple" one is left out.
 */
export const emojiGroup = (heldOut: number): QuestionTask => {
  const byGroup = groups.map(({ name, unicode }) => {
    const members = Object.values(catalogue).filter(({ group }) => group === unicode)
    return { name, members: shuffled(members, name).map((emoji) => emoji.name) }
  })
  const rows = (name: string, members: readonly string[]): Question[] => members.map((user) => ({ system, user, completion: name, answer: name }))
  const learned = byGroup.map(({ name, members }) => rows(name, members.slice(0, LEARNED)))
  const known = new Set(learned.flat().flatMap(({ user }) => wordsOf(user)))
  const unknown = byGroup.map(({ name, members }) =>
    rows(
      name,
      members.filter((member) => !wordsOf(member).some((word) => known.has(word))),
    ),
  )
  const training = inTurn(learned)
  return {
    kind: 'questions',
    name: 'domain/emoji-group',
    method: 'lora',
    config: { r: 4, loraAlpha: 16 },
    hyperparameters: { maxSteps: 96, batchSize: 4, learningRate: 5e-3 },
    training,
    heldOut: { 'new names': inTurn(unknown.map((group) => group.slice(0, Math.ceil(heldOut / groups.length)))) },
    prompts: {
      'the same question': {},
      'the groups described': { system: described },
      'the groups described and eight examples': { system: described, examples: training.slice(0, 8) },
    },
    maxTokens: 8,
    choices: groups.map(({ name }) => name),
    keepsForm: () => true,
    says: (text, answer) => text.trim() === answer,
  }
}
