import { expect, test } from 'vitest'
import { EdgeOfRunners } from './edge-of-runners.test.setup.ts'

const uploads = (edge: EdgeOfRunners) => edge.runners.reduce((sum, runner) => sum + runner.count('PUT /compositions'), 0)

test('a composition is always asked of one runner, which gets it once', async () => {
  await using edge = await EdgeOfRunners.start(4)
  // Ports are the system's, and so is the ranking: of more requests one runner could have so many that it hands some on.
  const names = await edge.publish(11)
  const firsts = new Map<string, unknown>()
  for (const name of names) firsts.set(name, await edge.complete(name))
  for (const name of names) expect(await edge.complete(name)).toBe(firsts.get(name))
  expect(uploads(edge)).toBe(11)
})

test('compositions are spread over all runners', async () => {
  await using edge = await EdgeOfRunners.start(4)
  const asked = new Set<unknown>()
  for (const name of await edge.publish(48)) asked.add(await edge.complete(name))
  expect(asked).toEqual(new Set(edge.runners))
  expect(uploads(edge)).toBe(48)
})

test('a runner that is killed in the middle of a request costs nobody an answer, and its keys come back to it', async () => {
  await using edge = await EdgeOfRunners.start(3)
  const [name] = (await edge.publish(1)) as [string]
  const first = await edge.complete(name)
  first.diesAfter = 0
  const second = await edge.complete(name)
  expect(second).not.toBe(first)
  first.diesAfter = undefined
  await first.start()
  // Asked again after a moment, by requests that go elsewhere.
  await expect.poll(() => edge.complete(name), { timeout: 5000 }).toBe(first)
  expect(first.held.size).toBe(1)
})

test('a runner that drains gets no new request, and answers are given by the others', async () => {
  await using edge = await EdgeOfRunners.start(3)
  const names = await edge.publish(12)
  for (const name of names) await edge.complete(name)
  const [draining] = edge.runners as [EdgeOfRunners['runners'][number]]
  draining.status = 'stopping'
  expect((await edge.listed()).data[0]).toMatchObject({ id: draining.url, status: 'stopping' })
  draining.asked = []
  for (const name of names) expect(await edge.complete(name)).not.toBe(draining)
  expect(draining.count('POST /generate')).toBe(0)
})

test('one that begins to drain between two looks refuses one request, which another answers', async () => {
  await using edge = await EdgeOfRunners.start(2)
  const [name] = (await edge.publish(1)) as [string]
  const first = await edge.complete(name)
  first.status = 'stopping'
  first.asked = []
  for (let at = 0; at < 5; at++) expect(await edge.complete(name)).not.toBe(first)
  expect(first.count('POST /generate')).toBe(1)
})

test('a stream whose runner dies before its first token is answered by another; after it, the client is told', async () => {
  await using edge = await EdgeOfRunners.start(2)
  const [name] = (await edge.publish(1)) as [string]
  const first = await edge.complete(name)
  first.diesAfter = 0
  const whole = await (await edge.stream(name)).text()
  expect(whole).toContain('"2 "')
  expect(whole).toContain('[DONE]')
  first.diesAfter = undefined
  await first.start()
  await expect.poll(() => edge.complete(name), { timeout: 5000 }).toBe(first)
  first.diesAfter = 2
  const others = edge.runners.filter((runner) => runner !== first)
  const before = others.map((runner) => runner.count('POST /generate'))
  const broken = await (await edge.stream(name)).text()
  expect(broken).toContain('"1 "')
  expect(broken).toContain('runner_unavailable')
  expect(broken).not.toContain('"2 "')
  expect(others.map((runner) => runner.count('POST /generate'))).toEqual(before)
})

test('a pool that shrinks to nobody in the middle of a request says so, and names them', async () => {
  await using edge = await EdgeOfRunners.start(3)
  const [name] = (await edge.publish(1)) as [string]
  for (const runner of edge.runners) runner.diesAfter = 0
  const answer = await edge.json('/v1/completions', { model: name, prompt: 'x' })
  expect(answer).toMatchObject({ http: 503, error: { code: 'runner_unavailable' } })
  for (const runner of edge.runners) await runner.kill()
  const after = await edge.json('/v1/completions', { model: name, prompt: 'x' })
  expect(after).toMatchObject({ http: 503, error: { code: 'runner_unavailable' } })
  for (const runner of edge.runners) expect(after.error.message).toContain(runner.url)
})

test('runners over another model of the same name are not asked for it, and named', async () => {
  await using edge = await EdgeOfRunners.start(3)
  const [other] = edge.runners as [EdgeOfRunners['runners'][number]]
  other.fingerprint = `sha256:${'cd'.repeat(32)}`
  const names = await edge.publish(12)
  for (const name of names) expect(await edge.complete(name)).not.toBe(other)
  const { data } = await edge.listed()
  expect(data[0]).toMatchObject({ id: other.url, status: 'ok', errors: [{ code: 'runner_of_another_model', message: expect.stringContaining('sha256:cdcd') }] })
  expect(data[1]!.errors).toEqual([])
})

test('a runner that lies about its fingerprint is found out by what it refuses, and asked nothing until it is started again', async () => {
  await using edge = await EdgeOfRunners.start(2)
  const [name] = (await edge.publish(1)) as [string]
  const first = await edge.complete(name)
  first.held.clear()
  first.refuses = [422, 'composition_of_another_model']
  expect(await edge.complete(name)).not.toBe(first)
  const { data } = await edge.listed()
  expect(data.find(({ id }) => id === first.url)).toMatchObject({ status: 'refused', errors: [{ code: 'runner_fingerprint_false' }] })
  first.refuses = undefined
  expect(await edge.complete(name)).not.toBe(first)
  await first.kill()
  await first.start()
  await expect.poll(async () => (await edge.listed()).data.map(({ status }) => status)).toEqual(['ok', 'ok'])
  expect(await edge.complete(name)).toBe(first)
})

test('a runner over other weights than it says is found by what it answers, and asked again when it answers as the others do', async () => {
  await using edge = await EdgeOfRunners.start(3)
  const [odd, ...others] = edge.runners as [EdgeOfRunners['runners'][number], ...EdgeOfRunners['runners']]
  odd.weights = 1.7
  const names = await edge.publish(12)
  const { data } = await edge.listed()
  expect(data[0]).toMatchObject({
    id: odd.url,
    status: 'refused',
    errors: [{ code: 'runner_answers_differ', message: expect.stringMatching(new RegExp(`^${odd.url} says .* as ${others[0]!.url}, ${others[1]!.url} do`)) }],
  })
  expect(data.slice(1).map(({ status, errors }) => [status, errors])).toEqual([
    ['ok', []],
    ['ok', []],
  ])
  for (const name of names) expect(await edge.complete(name)).not.toBe(odd)
  odd.weights = 1
  await odd.kill()
  await odd.start()
  await expect.poll(async () => (await edge.listed()).data[0]!.status).toBe('ok')
  const answering = new Set<unknown>()
  for (const name of names) answering.add(await edge.complete(name))
  expect(answering).toContain(odd)
})

test('of two runners the first of the pool is believed; one that tells nothing of its next tokens is not compared', async () => {
  await using edge = await EdgeOfRunners.start(2)
  const [first, second] = edge.runners as [EdgeOfRunners['runners'][number], EdgeOfRunners['runners'][number]]
  second.weights = 1.7
  expect((await edge.listed()).data.map(({ status }) => status)).toEqual(['ok', 'refused'])
  second.weights = undefined
  await second.kill()
  await second.start()
  await expect.poll(async () => (await edge.listed()).data.map(({ status }) => status)).toEqual(['ok', 'ok'])
  expect(first.count('canary')).toBeGreaterThan(0)
})

test('a runner that joins is compared before it is asked', async () => {
  await using edge = await EdgeOfRunners.start(2)
  const [, joining] = edge.runners as [unknown, EdgeOfRunners['runners'][number]]
  await joining.kill()
  const names = await edge.publish(12)
  for (const name of names) await edge.complete(name)
  joining.weights = 1.7
  await joining.start()
  joining.asked = []
  await expect
    .poll(
      async () => {
        for (const name of names) await edge.complete(name)
        return joining.count('canary')
      },
      { timeout: 5000 },
    )
    .toBeGreaterThan(0)
  for (const name of names) expect(await edge.complete(name)).not.toBe(joining)
  expect(joining.count('POST /generate')).toBe(0)
})

test('a runner that has forgotten what it was just sent, as another process has, gets it once more; one that always does is told of', async () => {
  await using edge = await EdgeOfRunners.start(1)
  const [name] = (await edge.publish(1)) as [string]
  const [runner] = edge.runners as [EdgeOfRunners['runners'][number]]
  runner.forgets = 1
  expect(await edge.complete(name)).toBe(runner)
  expect(runner.count('PUT /compositions')).toBe(2)
  runner.held.clear()
  runner.forgets = 9
  expect(await edge.json('/v1/completions', { model: name, prompt: 'x' })).toMatchObject({ http: 503, error: { code: 'runner_unavailable' } })
  expect(runner.count('PUT /compositions')).toBe(4)
})

test('a runner that is full is passed over; where all are, the client is told that', async () => {
  await using edge = await EdgeOfRunners.start(2)
  const [name] = (await edge.publish(1)) as [string]
  const first = await edge.complete(name)
  const full: [number, string, object] = [429, 'too_many_waiting', { places: 4, retry_after: 1 }]
  first.refuses = full
  expect(await edge.complete(name)).not.toBe(first)
  for (const runner of edge.runners) runner.refuses = full
  expect(await edge.json('/v1/completions', { model: name, prompt: 'x' })).toMatchObject({ http: 429, error: { code: 'too_many_waiting' } })
})

test('a composition that many ask is held by several runners, and the base model is asked of the least busy', async () => {
  await using edge = await EdgeOfRunners.start(4)
  const [name] = (await edge.publish(1)) as [string]
  for (const runner of edge.runners) runner.takesMs = 2
  const answering = new Set<unknown>()
  for (let at = 0; at < 80; at++) answering.add(await edge.complete(name))
  expect(answering.size).toBe(4)
  expect(uploads(edge)).toBe(4)
  const bare = await Promise.all(Array.from({ length: 16 }, () => edge.complete('base')))
  expect(new Set(bare).size).toBe(4)
})

test('the metrics of several runners are one scrape, with the runner as a label', async () => {
  await using edge = await EdgeOfRunners.start(2)
  const [one, two] = edge.runners.map(({ url }) => url)
  const text = await (await edge.fetch('/v1/metrics')).text()
  expect(text).toBe(`# TYPE held gauge\nheld{runner="${one}"} 0\nheld{runner="${two}"} 0\n`)
  await edge.runners[0]!.kill()
  expect(await (await edge.fetch('/v1/metrics')).text()).toBe(`# TYPE held gauge\nheld{runner="${two}"} 0\n`)
})

test('a runner that stays away, while the others are slow to say how they fare, ends nothing', async () => {
  await using edge = await EdgeOfRunners.start(2)
  const [gone, slow] = edge.runners as [EdgeOfRunners['runners'][number], EdgeOfRunners['runners'][number]]
  await edge.json('/health')
  await gone.kill()
  await edge.json('/health')
  slow.healthTakesMs = 50
  // It fails at once, and the other's answer comes after that.
  expect(await edge.json('/health')).toMatchObject({
    runner: { reachable: true, status: 'ok', device: { reason: expect.stringContaining('1 of 2 runners answer') } },
  })
})
