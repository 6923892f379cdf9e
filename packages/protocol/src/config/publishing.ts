import { invalidPublishConfig } from '../errors.ts'

export const gateMetrics = ['accuracy', 'loss'] as const
/** `accuracy`: the share of `{text, label}` rows that get their label. `loss`: mean negative log-likelihood of a token, over `{text}` or `{prompt, completion}` rows, in nats. */
export type GateMetric = (typeof gateMetrics)[number]

export interface EvaluateGate {
  /** Id of an uploaded file (`file-…`) of the tenant that publishes. */
  file: string
  metric: GateMetric
  /** Of an accuracy. */
  atLeast?: number
  /** Of a loss. */
  atMost?: number
  /** Measures what the name stands for on the same rows. Where that is nothing yet, nothing is worse. */
  notWorseThan?: 'previous'
  /** How much worse than the previous is taken; 0 when absent. */
  tolerance?: number
  /** The first rows of the file; 200 when absent. */
  rows?: number
}

const worstVerdicts = ['keeps', 'uncertain'] as const

export interface InterferenceGate {
  /** A file of inputs, relative to the configuration; when absent, each adapter is tried on the inputs that it carries. */
  probes?: string
  /** The worst verdict that is taken; `uncertain` when absent. */
  worst?: (typeof worstVerdicts)[number]
}

/** What a new version must pass before its bare name stands for it. */
export interface PublishRule {
  /** Beginnings of names (`mail/`); every name when absent. */
  names?: readonly string[]
  /** A larger file is refused at once. */
  maxBytes?: number
  /** Measured by the edge, through the runner. */
  evaluate?: EvaluateGate
  /** Against the routes that name the adapter; measured by `weft publish --gate`, where the base model is, and not by the edge. */
  interference?: InterferenceGate
  /** `false`: what a job publishes carries no inputs of its training file. */
  probes?: boolean
}

export type PublishConfig = PublishRule | readonly PublishRule[]

const rulesOf = (config: PublishConfig | undefined): readonly PublishRule[] =>
  config === undefined ? [] : Array.isArray(config) ? config : [config as PublishRule]

/** Those that are for a name; all of them count. */
export const publishRules = (config: PublishConfig | undefined, name: string): PublishRule[] =>
  rulesOf(config).filter(({ names }) => names === undefined || names.some((prefix) => name.startsWith(prefix)))

/** Files that the rules evaluate on. */
export const gateFiles = (config: PublishConfig | undefined): string[] => rulesOf(config).flatMap(({ evaluate }) => evaluate?.file ?? [])

const fields: Readonly<Record<'rule' | 'evaluate' | 'interference', readonly string[]>> = {
  rule: ['names', 'maxBytes', 'evaluate', 'interference', 'probes'] satisfies (keyof PublishRule)[],
  evaluate: ['file', 'metric', 'atLeast', 'atMost', 'notWorseThan', 'tolerance', 'rows'] satisfies (keyof EvaluateGate)[],
  interference: ['probes', 'worst'] satisfies (keyof InterferenceGate)[],
}

const isPositive = (value: number | undefined): boolean => value === undefined || (Number.isSafeInteger(value) && value > 0)

/** Error `publish_config_invalid` for a rule that asks for nothing, or for what contradicts itself. */
export function checkPublishing(config: PublishConfig): void {
  for (const [at, rule] of rulesOf(config).entries()) {
    const { names, maxBytes, evaluate, interference, probes } = rule
    const refuse = (why: string): never => {
      throw invalidPublishConfig(`publish[${at}]: ${why}`)
    }
    for (const [where, given, known] of [
      ['', rule, fields.rule],
      ['evaluate.', evaluate ?? {}, fields.evaluate],
      ['interference.', interference ?? {}, fields.interference],
    ] as const)
      for (const field of Object.keys(given)) if (!known.includes(field)) refuse(`there is no "${where}${field}"; there are ${known.join(', ')}`)
    if (maxBytes === undefined && !evaluate && !interference && probes === undefined)
      refuse('it asks for nothing; give maxBytes, evaluate, interference or probes')
    if (names?.length === 0) refuse('names is empty, so it is for no name; leave it out for all')
    if (!isPositive(maxBytes)) refuse(`maxBytes is ${maxBytes}; expected a whole number from 1`)
    if (interference?.worst !== undefined && !worstVerdicts.includes(interference.worst))
      refuse(`interference.worst is "${interference.worst}"; expected one of ${worstVerdicts.join(', ')}`)
    if (!evaluate) continue
    const { file, metric, atLeast, atMost, notWorseThan, tolerance, rows } = evaluate
    if (!file.startsWith('file-')) refuse(`evaluate.file is "${file}"; expected the id of an uploaded file, such as "file-…"`)
    if (!gateMetrics.includes(metric)) refuse(`evaluate.metric is "${metric}"; expected one of ${gateMetrics.join(', ')}`)
    if (atLeast === undefined && atMost === undefined && notWorseThan === undefined) refuse('evaluate has no bound; give atLeast, atMost or notWorseThan')
    if (metric === 'accuracy' && atLeast !== undefined && !(atLeast >= 0 && atLeast <= 1))
      refuse(`evaluate.atLeast is ${atLeast}; an accuracy is a share, from 0 to 1`)
    if (metric === 'accuracy' && atMost !== undefined) refuse('evaluate.atMost bounds a loss; an accuracy has atLeast')
    if (metric === 'loss' && atLeast !== undefined) refuse('evaluate.atLeast bounds an accuracy; a loss has atMost')
    if (tolerance !== undefined && (notWorseThan === undefined || !(tolerance >= 0)))
      refuse('evaluate.tolerance is how much worse than the previous is taken, from 0')
    if (!isPositive(rows)) refuse(`evaluate.rows is ${rows}; expected a whole number from 1`)
  }
}
