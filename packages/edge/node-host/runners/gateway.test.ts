import { request as ask, createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, test } from 'vitest'
import { EdgeOfRunners } from './edge-of-runners.test.setup.ts'

test('runners behind one gateway are told apart by their paths, and all that is asked of them keeps its own', async () => {
  let targets: string[] = []
  const elsewhere: string[] = []
  const gateway = createServer((request, response) => {
    const [, at, rest] = /^\/r(\d)(\/.*)$/.exec(request.url!) ?? []
    const target = targets[Number(at)]
    if (!target) {
      elsewhere.push(request.url!)
      return void response.writeHead(404).end()
    }
    const passed = ask(`${target}${rest}`, { method: request.method!, headers: request.headers }, (answer) => {
      response.writeHead(answer.statusCode!, answer.headers)
      answer.pipe(response)
    })
    request.pipe(passed)
  })
  await new Promise<void>((resolve) => gateway.listen(0, '127.0.0.1', resolve))
  const at = `http://127.0.0.1:${(gateway.address() as AddressInfo).port}`
  await using edge = await EdgeOfRunners.start(2, (urls) => {
    targets = urls
    return [`${at}/r0`, `${at}/r1/`]
  })
  try {
    const names = await edge.publish(12)
    const answered = new Set<unknown>()
    for (const name of names) answered.add(await edge.complete(name))
    expect(answered).toEqual(new Set(edge.runners))
    expect(await (await edge.stream(names[0]!)).text()).toContain('[DONE]')
    expect(edge.runners.reduce((sum, runner) => sum + runner.count('PUT /compositions/'), 0)).toBe(12)
    expect((await edge.listed()).data).toMatchObject([
      { id: `${at}/r0`, status: 'ok' },
      { id: `${at}/r1`, status: 'ok' },
    ])
    expect(await edge.json('/health')).toMatchObject({ runner: { reachable: true, status: 'ok' } })
    const metrics = await (await edge.fetch('/v1/metrics')).text()
    expect(metrics).toContain(`runner="${at}/r0"`)
    expect(metrics).toContain(`runner="${at}/r1"`)
    expect(elsewhere).toEqual([])
  } finally {
    gateway.closeAllConnections()
    gateway.close()
  }
})
