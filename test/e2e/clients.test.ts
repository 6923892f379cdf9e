import { afterAll, beforeAll, test } from 'vitest'
import { programs } from '../clients/javascript/programs.ts'
import { serveForClients } from '../clients/serve.ts'

let served: Awaited<ReturnType<typeof serveForClients>>
beforeAll(async () => {
  served = await serveForClients()
})
afterAll(() => served.stop())

test.each(Object.entries(programs))('%s works', (_, program) => program(served.weft))
