/**
 * Answers under grammars, drawn at random: every one must parse, be valid, and end. Then what a mask costs, a token.
 *
 * Usage: npx node test/acceptance/structured-output.ts [--answers 1000] [--model DIR] [--seed 7] [--json]
 */
import { availableParallelism } from 'node:os'
import { Random } from '@weft/adapters'
import { constraintOf } from '@weft/inference/grammar/constraint-of'
import type { Grammar } from '@weft/protocol'
import { type ModelSession, openSession } from '@weft/session'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { scriptOptions } from './script-options.ts'

/** Documents as people ask for them: free strings, which a small model would go on with for ever, lists without bounds, and recursion. */
const schemas: readonly object[] = [
  {
    type: 'object',
    properties: { name: { type: 'string' }, age: { type: 'integer', minimum: 0, maximum: 120 }, email: { type: 'string', format: 'email' } },
    required: ['name', 'age', 'email'],
    additionalProperties: false,
  },
  {
    $defs: {
      step: {
        type: 'object',
        properties: { title: { type: 'string', minLength: 1 }, steps: { type: 'array', items: { $ref: '#/$defs/step' } } },
        required: ['title', 'steps'],
        additionalProperties: false,
      },
    },
    $ref: '#/$defs/step',
  },
  { type: 'array', items: { anyOf: [{ type: 'string' }, { type: 'number' }, { type: 'null' }] }, minItems: 2 },
  {
    type: 'object',
    properties: { kind: { enum: ['spam', 'ham'] }, score: { type: 'number', minimum: 0, maximum: 1 }, why: { type: 'string', maxLength: 80 } },
    required: ['kind', 'score'],
    additionalProperties: { type: 'string' },
  },
]

const grammars: readonly { grammar: Grammar; isValid: (text: string) => boolean }[] = [
  ...schemas.map((schema) => {
    const validate = new Ajv2020({ strict: false, validateFormats: false }).compile(schema)
    return { grammar: { type: 'json_schema' as const, schema }, isValid: (text: string) => validate(JSON.parse(text)) }
  }),
  { grammar: { type: 'json_object' }, isValid: (text) => Object.prototype.toString.call(JSON.parse(text)) === '[object Object]' },
  { grammar: { type: 'regex', regex: '(\\+\\d{2} )?\\d{3}( \\d{2,3}){2,3}' }, isValid: (text) => /^(\+\d{2} )?\d{3}( \d{2,3}){2,3}$/.test(text) },
  { grammar: { type: 'choice', choice: ['yes', 'no', 'I do not know'] }, isValid: (text) => ['yes', 'no', 'I do not know'].includes(text) },
]

export interface StructuredReport {
  answers: number
  valid: number
  /** Answers that were closed because of `max_tokens`. */
  hurried: number
  tokens: number
  /** The first few that are not valid. */
  wrong: string[]
}

/** Answers of a session's base model, several at once, at temperatures from greedy to wild. */
export async function structuredAnswers(session: ModelSession, { answers, seed }: { answers: number; seed: number }): Promise<StructuredReport> {
  const random = new Random(seed)
  const report: StructuredReport = { answers, valid: 0, hurried: 0, tokens: 0, wrong: [] }
  const temperatures = [0, 0.7, 1, 1.5]
  let asked = 0
  const client = async (): Promise<void> => {
    while (asked < answers) {
      const at = asked++
      const { grammar, isValid } = grammars[at % grammars.length]
      const { text, finishReason, tokens } = await session.generate('base', ['My fellow citizens', 'Call me', 'The answer is'][at % 3], {
        grammar,
        temperature: temperatures[at % temperatures.length],
        maxTokens: 40 + random.integer(100),
        seed: at,
      })
      report.tokens += tokens.length
      if (finishReason === 'length') report.hurried++
      if (holds(text, isValid)) report.valid++
      else if (report.wrong.length < 5) report.wrong.push(text)
    }
  }
  await Promise.all(Array.from({ length: 8 }, client))
  return report
}

const holds = (text: string, isValid: (text: string) => boolean): boolean => {
  try {
    return isValid(text)
  } catch {
    return false
  }
}

/** Milliseconds that a mask takes a token. Every answer has a schema of its own, so that no state has been met before. */
async function maskCosts(
  { model }: ModelSession,
  { answers, seed }: { answers: number; seed: number },
): Promise<{ median: number; p95: number; worst: number }> {
  const random = new Random(seed)
  const costs: number[] = []
  const { vocabSize } = model.spec
  for (let answer = 0; answer < answers; answer++) {
    const schema = { ...schemas[answer % schemas.length], $comment: `${answer}` }
    const begin = await constraintOf(model, { type: 'json_schema', schema })
    const constraint = begin()
    for (let left = 100; left > 0 && !constraint.isFinal; left--) {
      const logits = Float32Array.from({ length: vocabSize }, () => random.uniform())
      const started = performance.now()
      const restricted = constraint.restrict(logits, left)
      costs.push(performance.now() - started)
      const token = restricted.reduce((best, logit, id) => (logit > restricted[best] ? id : best), 0)
      if (model.tokenizer!.eosTokenIds.includes(token)) break
      constraint.advance(token)
    }
  }
  costs.sort((a, b) => a - b)
  return { median: costs[costs.length >> 1], p95: costs[Math.floor(costs.length * 0.95)], worst: costs.at(-1)! }
}

if (import.meta.main) {
  const values = scriptOptions({
    answers: { type: 'string', default: '1000' },
    model: { type: 'string', default: '@weft/base-model' },
    seed: { type: 'string', default: '7' },
    json: { type: 'boolean' },
  })
  await using session = await openSession(values.model, { threads: availableParallelism() })
  const [answers, seed] = [Number(values.answers), Number(values.seed)]
  const report = { ...(await structuredAnswers(session, { answers, seed })), maskMs: await maskCosts(session, { answers: 70, seed }) }
  console.log(JSON.stringify(report, null, values.json ? 0 : 2))
  if (report.valid !== answers) process.exit(1)
}
