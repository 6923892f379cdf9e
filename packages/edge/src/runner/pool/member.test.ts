import type { Health } from '@weft/protocol'
import { expect, test } from 'vitest'
import { healthy } from '../../../test/tiny-model.ts'
import { refusedByRunner } from '../../errors.ts'
import type { Backend } from '../backend.ts'
import { Member } from './member.ts'
import { Membership } from './membership.ts'
import { pooledInference } from './pooled-backend.ts'
import { RunnerPool } from './runner-pool.ts'

const health = healthy().json as unknown as Health
const member = () => new Member({ name: 'r', pool: 'p', work: ['inference'], backend: {} as Backend, send: async () => new Response() })

test('a runner that is distrusted is trusted again as another process, and not before', () => {
  const runner = member()
  runner.heard({ ...health, startedAtMs: 1 }, 0)
  runner.distrust = new Error('it lies')
  runner.heard({ ...health, startedAtMs: 1 }, 1)
  expect(runner.distrust).toBeDefined()
  runner.heard({ ...health, startedAtMs: 2 }, 2)
  expect(runner.distrust).toBeUndefined()
})

test('one that does not tell its processes apart, as vLLM, is asked again after a while', async () => {
  const { startedAtMs: _, ...told } = health
  let refuses = true
  const clock = { ms: 0 }
  const open = (url: string) => ({
    send: async () => new Response(),
    backend: {
      directory: { health: async () => told },
      inference: {
        generate: async () => {
          if (refuses && url.includes('vllm-1')) throw refusedByRunner(404, { code: 'model_not_found', message: 'no such model', param: 'model' })
          return { text: url }
        },
      },
    } as unknown as Backend,
  })
  const now = () => clock.ms
  const membership = new Membership({
    pools: { p: { urls: ['http://vllm-1', 'http://vllm-2'] } },
    open,
    resolve: async () => ({ addresses: [], ttlMs: 0 }),
    now,
  })
  const pool = new RunnerPool({ membership, of: open('http://of').backend, now })
  const ask = () => pooledInference(pool).generate({ model: health.models[0]!.name, composition: null, prompt: { text: 'x' }, maxTokens: 1 })
  const first = () => membership.known[0]!
  for (let n = 0; n < 8 && !first().distrust; n++) await ask()
  expect(first().distrust).toMatchObject({ code: 'runner_fingerprint_false' })
  refuses = false
  await expect
    .poll(async () => {
      clock.ms += 6000
      await ask()
      return first().distrust
    })
    .toBeUndefined()
})
