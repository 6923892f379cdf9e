import { tokens } from '@weft/edge/host'
import { defineConfig, type RunnersConfig } from '@weft/protocol'
import { expect, test } from 'vitest'
import { nodeRoot } from './node-composition-root.ts'
import { resolveName } from './resolve-name.ts'
import { deploymentVariables } from './variables.ts'

const failing = (code: string) => resolveName(() => Promise.reject(Object.assign(new Error(`getaddrinfo ${code} runners`), { code })))

test('a name that stands for nothing now is no failure; a resolver that does not answer is one', async () => {
  expect(await failing('ENOTFOUND')('runners')).toEqual({ addresses: [], ttlMs: 5000 })
  await expect(failing('EAI_AGAIN')('runners')).rejects.toMatchObject({
    code: 'runner_unavailable',
    status: 503,
    message: expect.stringContaining('EAI_AGAIN'),
  })
})

test("the edge on Node asks the machine's resolver, unless the configuration names another", async () => {
  const resolverOf = (runners: RunnersConfig) => {
    const variables = deploymentVariables({}, { host: '127.0.0.1' })
    const config = defineConfig({ models: {}, plugins: [], runners })
    return nodeRoot(config, { database: {} as never, objects: {} as never, variables }).container.get(tokens.resolveName)
  }
  // A name of the hosts file, which no server knows.
  const { addresses } = await resolverOf({ dns: 'http://localhost:8790' })('localhost')
  expect(addresses.some((address) => ['127.0.0.1', '::1'].includes(address))).toBe(true)
  await expect(resolverOf({ dns: 'http://localhost:8790', resolver: 'http://127.0.0.1:9/dns-query' })('localhost')).rejects.toMatchObject({
    message: expect.stringContaining('http://127.0.0.1:9 did not answer'),
  })
})
