import type { AdapterObject } from '@weft/protocol'

/** One name with its versions, newest first. */
export interface NamedAdapter {
  name: string
  versions: readonly AdapterObject[]
  /** What the bare name stands for; undefined where every version is a candidate. */
  current: AdapterObject | undefined
}

/** Names of one base model and one task. */
export interface AdapterGroup {
  base: string
  task: string
  names: readonly NamedAdapter[]
}

/** Versions by base model and task, then by name. A name whose versions differ in them stands in each group with its own. */
export const grouped = (adapters: readonly AdapterObject[]): AdapterGroup[] => {
  const groups = Map.groupBy(adapters, ({ base, task }) => JSON.stringify([base.name, task]))
  return [...groups]
    .map(([key, members]) => {
      const [base, task] = JSON.parse(key) as [string, string]
      const names = [...Map.groupBy(members, ({ name }) => name)].map(([name, versions]) => ({
        name,
        versions: versions.toSorted((a, b) => b.version - a.version),
        current: versions.find(({ aliases }) => aliases.includes('latest')),
      }))
      return { base, task, names: names.sort((a, b) => (a.name < b.name ? -1 : 1)) }
    })
    .sort((a, b) => (a.base + a.task < b.base + b.task ? -1 : 1))
}

const tasks: Readonly<Record<string, string>> = {
  CAUSAL_LM: 'text',
  SEQ_2_SEQ_LM: 'text to text',
  SEQ_CLS: 'classifiers',
  TOKEN_CLS: 'labels of words',
  FEATURE_EXTRACTION: 'vectors',
}

/** A task in plain words, with PEFT's name. */
export const taskInWords = (task: string): string => (tasks[task] ? `${tasks[task]} (${task})` : task)

/** Sizes as people read them; units of 1000. */
export const sizeInWords = (bytes: number): string => (bytes < 1e6 ? `${(bytes / 1e3).toFixed(1)} kB` : `${(bytes / 1e6).toFixed(1)} MB`)

export const dayOf = (seconds: number): string => new Date(seconds * 1000).toISOString().slice(0, 10)

/** What names the version: the bare name, aliases; or that it waits for its publish gate. */
export const standing = (name: string, aliases: readonly string[], candidate: boolean): string => {
  const names = aliases.map((alias) => (alias === 'latest' ? name : `@${alias}`))
  return [...names, ...(candidate ? ['candidate: its publish gate was not passed'] : [])].join(', ')
}
