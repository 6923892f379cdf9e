import { elementCount } from '@weft/graph'
import { type Plugin, parseConfig } from '@weft/methods'
import { AttentionInputs } from '@weft/model'
import plugins from '@weft/plugins'
import { tinyHost } from '@weft/test/models/tiny-host'
import { expect, test } from 'vitest'
import { GraphEngine } from '../graph/engine.ts'
import { frozenProgram } from '../graph/frozen-program.ts'
import { parameterSlots, type TrainingProgram } from '../graph/graph.ts'
import { noContext } from './frozen-context.ts'
import { KlToTeacher } from './kl-to-teacher.ts'

const host = tinyHost()

test.each(['CAUSAL_LM', 'SEQ_CLS', 'TOKEN_CLS'] as const)('an adapter that changes nothing is as far from the base as nothing: %s', async (task) => {
  const { model, runtime, weights } = host()
  const plugin = (plugins as readonly Plugin[]).find(({ id }) => id === 'steering')!
  const config = parseConfig(plugin, {})
  const numLabels = task === 'CAUSAL_LM' ? 0 : 2
  const program: TrainingProgram = { model, plugin, config, params: plugin.params(config as never, model.spec, []), task, numLabels, headBias: true }
  const values = Object.fromEntries(parameterSlots(program).map(({ name, shape }) => [name, new Float32Array(elementCount(shape))]))
  const place = { runtime, weights, attention: new AttentionInputs(model) }
  using engine = new GraphEngine({ program, values, ...place })
  using teacher = new GraphEngine({ program: frozenProgram(model), values: {}, ...place })
  const rows = [5, 9, 12].map((length) => ({ tokens: Array.from({ length }, (_, t) => 3 + ((7 * t + length) % 20)), from: length % 2 === 0 ? 4 : 0 }))
  const distance = new KlToTeacher(rows, { teacher, beneath: noContext, batchSize: 2, stream: 'locality', probability: 1, weight: 1, seed: 3 })
  expect(await distance.mean(engine)).toBeLessThan(1e-6)
  // And moves away from it as it moves.
  for (const { name, data } of engine.parameters) if (name.endsWith('.vector')) data.forEach((_, i) => (data[i] = Math.sin(i)))
  expect(await distance.mean(engine)).toBeGreaterThan(1e-3)
})
