import { afterAll, beforeAll, expect, test } from 'vitest'
import { tokens } from '../../packages/edge/src/tokens.ts'
import { edgeOfRealRunners, RealRunner } from './real-runners.test.setup.ts'

const hosts = ['127.0.0.1', '127.0.0.2'] as const
const runners = new Map<string, RealRunner>()
beforeAll(async () => {
  for (const host of hosts) runners.set(host, await new RealRunner('tiny').load())
})
afterAll(() => Promise.all([...runners.values()].map((runner) => runner.close())))

test('a job whose runner dies and leaves the pool goes on at another from its checkpoint, and its file has the same bytes', async () => {
  const { json, container } = edgeOfRealRunners(runners, { dns: 'http://runners.test:8790' })
  let addresses: string[] = [...hosts]
  container.rebind(tokens.resolveName).toConstantValue(async () => ({ addresses, ttlMs: 0 }))
  const form = new FormData()
  form.set('purpose', 'fine-tune')
  const rows = Array.from({ length: 24 }, (_, at) => JSON.stringify({ text: `the weft goes over and under ${at}` }))
  form.set('file', new File([rows.join('\n')], 'rows.jsonl'))
  const { id: training_file } = await json('/v1/files', form)
  const train = async (suffix: string): Promise<string> => {
    const hyperparameters = { max_steps: 20, batch_size: 2, checkpoint_every: 4 }
    const method = { type: 'prompt-tuning', 'prompt-tuning': { num_virtual_tokens: 4 } }
    return (await json('/v1/fine_tuning/jobs', { model: 'base', training_file, suffix, method, seed: 1, hyperparameters })).id
  }
  const job = (id: string) => json(`/v1/fine_tuning/jobs/${id}`)
  const succeeded = async (id: string) => {
    await expect.poll(async () => (await job(id)).status, { timeout: 40_000, interval: 100 }).toBe('succeeded')
    return json(`/v1/adapters/${encodeURIComponent((await job(id)).fine_tuned_model)}`)
  }

  const moved = await train('style/moved')
  await expect.poll(async () => (await json(`/v1/fine_tuning/jobs/${moved}/checkpoints`)).data?.length, { timeout: 20_000, interval: 5 }).toBeGreaterThan(0)
  const at = hosts.find((host) => runners.get(host)!.asked.includes(`POST /jobs/${moved}`))!
  const other = hosts.find((host) => host !== at)!
  runners.get(at)!.isAway = true
  addresses = [other]
  const { digest } = await succeeded(moved)
  expect(runners.get(other)!.asked).toContain(`POST /jobs/${moved}`)
  const { data: events } = await json(`/v1/fine_tuning/jobs/${moved}/events?limit=100`)
  expect(events.map(({ message }: { message: string }) => message)).toContainEqual(expect.stringMatching(/^Given to the runner again, from step \d+/))

  expect((await succeeded(await train('style/undisturbed'))).digest).toBe(digest)
})
