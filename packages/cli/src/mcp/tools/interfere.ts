import { expecting } from '@weft/adapters'
import * as z from 'zod/mini'
import { compositionsAsked } from '../../input/compositions/route-compositions.ts'
import { measureInterference } from '../../interference.ts'
import { defaultConfig } from '../../launcher/project.ts'
import { mcpTool } from '../tool.ts'

const verdict = z.enum(['keeps', 'uncertain', 'loses'])
const probe = z.union([z.string(), z.strictObject({ prompt: z.string(), completion: z.optional(z.string()) })])

export const interfere = mcpTool({
  name: 'interfere',
  title: 'Measure interference',
  description:
    'Measures how much each adapter of a composition changes in it, before anything is published: the share of its gain that it should keep, mean KL of its own answers in nats, how far its labels move, a verdict (keeps, uncertain, loses) and advice. Tries 12 to 48 inputs without labels: those that each adapter carries, unless others are given. Loads the base model on this machine, and takes a while.',
  input: z.strictObject({
    expressions: z
      .array(z.string().check(z.minLength(1)), expecting('a list of expressions, such as ["style/speech + style/whale"]'))
      .check(z.minLength(1), z.maxLength(8)),
    probes: z.optional(z.array(probe).check(z.minLength(1), z.maxLength(256))),
    tokens: z.optional(z.int().check(z.gte(1), z.lte(256))),
    choices: z.optional(z.array(z.string())),
  }),
  answer: z.object({
    reports: z.array(
      z.object({
        expression: z.string(),
        verdict,
        adapters: z.array(
          z.object({
            adapter: z.string(),
            inputs: z.int(),
            divergence: z.number(),
            kept: z.number(),
            verdict,
            labels: z.optional(
              z.object({ alone: z.record(z.string(), z.number()), composed: z.record(z.string(), z.number()), shift: z.number(), shifted: z.boolean() }),
            ),
            advice: z.string(),
          }),
        ),
        evidence: z.string(),
      }),
    ),
  }),
  readOnly: true,
  async run({ expressions, probes, ...rest }, { weft, connection, progress }) {
    const inputs = probes?.map((each) => (typeof each === 'string' ? { prompt: each } : { ...each }))
    const asked = await compositionsAsked(weft, expressions, (text) => progress(0, 1, text))
    const all = new Map<string, number>()
    const reports = await measureInterference(
      weft,
      { ...rest, state: connection.state, expressions: asked, probes: inputs ? { '': inputs as { prompt: string }[] } : {}, config: defaultConfig },
      {
        note: (text) => progress(0, 1, text),
        step(expression, { step, totalSteps }) {
          all.set(expression, step / totalSteps)
          progress(
            [...all.values()].reduce((sum, part) => sum + part, 0),
            asked.length,
            expression,
          )
        },
      },
    )
    return { reports: reports.map(({ thresholds: _, ...report }) => report) }
  },
})
