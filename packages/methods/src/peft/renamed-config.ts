import type { ModelSpec, TaskType } from '@weft/adapters'
import { expressionTest, type NameTest, patternValues } from '../modules/module-patterns.ts'
import { matcher } from '../modules/target-modules.ts'
import type { PeftConfig } from './mapping.ts'

type Pattern = string | string[]

/** PEFT asks for no dot before these in a list. */
const feedforwardTest = (pattern: Pattern): NameTest =>
  Array.isArray(pattern) ? (name) => pattern.some((end) => name.endsWith(end)) : expressionTest(pattern, 'whole', 'feedforward_modules')

const isExpression = (pattern: unknown): pattern is string => typeof pattern === 'string' && pattern !== '' && pattern.toLowerCase() !== 'all-linear'

/**
 * PEFT's config for modules that have other names: a bare base's as ours, or ours as a bare base's. Most of it says the same of both, for it goes by the ends of
 * names. Where an expression of whole names, or a key that begins with `^`, would choose others then, what it chooses is written in its place, module by module.
 */
export function renamedConfig(peft: PeftConfig, names: readonly string[], rename: (name: string) => string): PeftConfig {
  const result = { ...peft }
  const differs = (test: NameTest): boolean => names.some((name) => test(name) !== test(rename(name)))
  const known = new Set(names)
  for (const field of ['target_modules', 'feedforward_modules', 'exclude_modules']) {
    const value = peft[field]
    if (Array.isArray(value)) result[field] = value.map((name) => (known.has(name) ? rename(name) : name))
  }
  const { target_modules: targets, feedforward_modules: feedforward, exclude_modules: excluded } = peft as Record<string, Pattern | null | undefined>
  // Where one of these is written out, both are: the second must be among the first.
  const isTarget = Array.isArray(targets) || isExpression(targets) ? matcher(targets, 'target_modules') : () => true
  const isFeedforward = feedforward ? feedforwardTest(feedforward) : () => false
  if ((isExpression(targets) && differs(isTarget)) || (isExpression(feedforward) && differs(isFeedforward))) {
    const chosen = names.filter(isTarget)
    if (chosen.length > 0) result.target_modules = chosen.map(rename)
    if (feedforward) result.feedforward_modules = chosen.filter(isFeedforward).map(rename)
  }
  if (isExpression(excluded)) {
    const test = matcher(excluded, 'exclude_modules')
    if (differs(test)) result.exclude_modules = names.filter(test).map(rename)
  }
  for (const field of ['rank_pattern', 'alpha_pattern']) {
    const value = peft[field]
    if (typeof value !== 'object' || value === null) continue
    const ofName = patternValues(value as Record<string, unknown>, field)
    if (names.some((name) => ofName(name) !== ofName(rename(name))))
      result[field] = Object.fromEntries(names.filter((name) => ofName(name) !== undefined).map((name) => [rename(name), ofName(name)]))
  }
  return result
}

/**
 * A checkpoint's config for the base as Hugging Face builds it for labels of words: without the pooler, which `["query", "dense"]` would choose here. Where the
 * file holds nothing of that layer, the config leaves it out.
 */
export function withoutPooler(peft: PeftConfig, tensors: readonly string[], task: TaskType, { classifier: { pooler }, modules }: ModelSpec): PeftConfig {
  if (task !== 'TOKEN_CLS' || pooler === undefined || !modules[pooler]) return peft
  const { target_modules: targets, exclude_modules: excluded } = peft
  if (!chooses(targets, pooler) || tensors.some((name) => name.includes(`.${pooler}.`))) return peft
  const without = typeof excluded === 'string' && excluded !== '' ? `(?:${excluded})|${pooler.replaceAll('.', '\\.')}` : [excluded || []].flat().concat(pooler)
  return { ...peft, exclude_modules: without }
}

/** Whether a field of PEFT's config chooses this module. */
const chooses = (targets: unknown, module: string): boolean => {
  if (typeof targets === 'string' && targets.toLowerCase() === 'all-linear') return true
  return (typeof targets === 'string' || Array.isArray(targets)) && matcher(targets, 'target_modules')(module)
}
