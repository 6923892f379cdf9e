import { createExecutionContext } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { WeftClient } from '@weft/client'
import { beforeEach, expect, test } from 'vitest'
import { cloudflareRoot } from '../../src/cloudflare-composition-root.ts'
import { tokens } from '../../src/tokens.ts'
import { script } from '../edge.ts'

// Parts of its own: the Worker's remember for a while which models a runner of another file held.
const app = cloudflareRoot(env).get(tokens.app)
const weft = new WeftClient({
  apiKey: 'weft-local',
  fetch: async (request) => app.fetch(request as Request, env, createExecutionContext()),
})
beforeEach(() => script())

test('methods say how they are configured, as a job spells it, and over which base they are trained', async () => {
  const methods = await weft.methods()
  expect(methods.map(({ id }) => id)).toEqual([
    'prompt-tuning',
    'prefix-tuning',
    'prompt-adapter',
    'parallel-prefix',
    'lora',
    'ia3',
    'full',
    'steering',
    'cartridge',
    'text',
    'faulty',
  ])
  for (const { bases, tasks, sites, config } of methods) {
    expect(bases).toEqual(['base'])
    expect(tasks).toContain('CAUSAL_LM')
    expect(sites.length).toBeGreaterThan(0)
    expect(config).toMatchObject({ type: 'object', properties: expect.any(Object) })
    for (const name of Object.keys((config as { properties: object }).properties)) expect(name).toMatch(/^[a-z0-9_]+$/)
  }
  // What a job without a method is trained with.
  expect(methods.filter(({ isDefault }) => isDefault).map(({ id }) => id)).toEqual(['prompt-tuning'])
  // What a job would be trained with: a method's own rate, and one that several share where it has none.
  const rates = Object.fromEntries(methods.map(({ id, hyperparameters }) => [id, hyperparameters.learningRate]))
  expect(rates).toMatchObject({ 'prompt-tuning': 0.03, lora: 0.01, full: 3e-4, 'prompt-adapter': 0.01 })
  const [promptTuning] = methods
  expect((promptTuning!.config as { properties: Record<string, object> }).properties.num_virtual_tokens).toMatchObject({ type: 'integer', minimum: 1 })
})
