import type { RouteObject } from '@weft/protocol'
import { numberFault } from '../../controls/number-bounds.ts'

/** Numbers that a route may say itself. */
const numbers = ['maxTokens', 'temperature', 'topP', 'seed'] as const
type NumberName = (typeof numbers)[number]

/** What all variants are asked alike. */
export interface Settings {
  mode: 'completion' | 'chat'
  /** The prompt of a completion, the text that is classified, or the next message of a chat. */
  prompt: string
  /** Of a chat: what goes before, or nothing. */
  system: string
  maxTokens: number | undefined
  temperature: number | undefined
  topP: number | undefined
  seed: number | undefined
  /** Log-probabilities of every token, with its likeliest alternatives. */
  logprobs: boolean
  /** The numbers that somebody typed, and did not just find there. */
  typed: readonly NumberName[]
}

/** As `npm start` shows its own composition: the likeliest token at every step has a small model say one thing over and over, and a seed shows the same again. */
export const startSettings: Settings = {
  mode: 'completion',
  prompt: 'My fellow citizens',
  system: '',
  maxTokens: 60,
  temperature: 0.7,
  topP: undefined,
  seed: 7,
  logprobs: true,
  typed: [],
}

/** The settings with one that somebody changed. */
export const changed = <K extends keyof Settings>(settings: Settings, field: K, value: Settings[K]): Settings => {
  const number = numbers.find((name) => name === field)
  return { ...settings, [field]: value, typed: number === undefined ? settings.typed : [...new Set([...settings.typed, number])] }
}

/** Of the numbers those that a route says itself, with nobody to say otherwise. */
const saidBy = ({ defaults }: RouteObject, { typed }: Settings): NumberName[] => numbers.filter((name) => defaults?.[name] != null && !typed.includes(name))

/** What a route is asked with: its own defaults stay in force where nobody typed another number, and what nobody asked for is not refused for its length. */
export const settingsFor = (settings: Settings, route: RouteObject | undefined): Settings => {
  if (!route) return settings
  const { maxTokens, typed } = settings
  const most = typed.includes('maxTokens') || maxTokens === undefined ? maxTokens : Math.min(maxTokens, route.policy?.maxTokens ?? maxTokens)
  return { ...settings, maxTokens: most, ...Object.fromEntries(saidBy(route, settings).map((name) => [name, undefined])) }
}

const inWords: Readonly<Record<NumberName, string>> = { maxTokens: 'most tokens', temperature: 'temperature', topP: 'top p', seed: 'seed' }

/** What of the numbers a route says itself: nothing where the form's count. */
export const saidByRoute = (settings: Settings, route: RouteObject): string =>
  saidBy(route, settings)
    .map((name) => `${inWords[name]} ${route.defaults![name]}`)
    .join(', ')

/** A turn of a chat. */
export interface Message {
  role: 'system' | 'user' | 'assistant'
  content: string
}

/** The messages that are asked with: what goes before, the turns so far, and the new one. */
export const messagesOf = ({ system, prompt }: Settings, turns: readonly Message[]): Message[] => [
  ...(system.trim() ? [{ role: 'system' as const, content: system }] : []),
  ...turns,
  { role: 'user', content: prompt },
]

/** Sampling fields that are set. */
export const samplingOf = ({ temperature, topP, seed }: Settings): { temperature?: number; topP?: number; seed?: number } => ({
  ...(temperature === undefined ? {} : { temperature }),
  ...(topP === undefined ? {} : { topP }),
  ...(seed === undefined ? {} : { seed }),
})

/** Alternatives that are asked for at each token. */
export const ALTERNATIVES = 4

/** What the API takes of each. */
export const settingBounds = {
  maxTokens: { min: 1, max: 2 ** 31 - 1, whole: true },
  temperature: { min: 0, max: 2 },
  topP: { min: 0, max: 1 },
  seed: { min: Number.MIN_SAFE_INTEGER, max: Number.MAX_SAFE_INTEGER, whole: true },
} as const

/** Whether any of the numbers is one that would be refused, or none at all. */
export const settingsAreWrong = (settings: Settings): boolean => numbers.some((name) => numberFault(settings[name], settingBounds[name]) !== undefined)
