import { Hono } from 'hono'
import { expect, test } from 'vitest'
import { readJson } from '../../src/http/body.ts'

test("a body that has come is read when the host says that it is its turn, and at once where it doesn't", async () => {
  const done: string[] = []
  const app = new Hono().post('/', async (c) => {
    const body = await readJson(c)
    done.push('read')
    return c.json(body)
  })
  const body = JSON.stringify({ text: 'é' })
  const ask = (host?: object) => app.request('/', { method: 'POST', body }, host)
  const turn = Promise.withResolvers<void>()
  const ownTurn = (bytes: number): Promise<void> => {
    done.push(`asked for ${bytes} bytes`)
    return turn.promise
  }
  const waits = ask({ ownTurn })
  expect(await (await ask()).json()).toEqual({ text: 'é' })
  expect(done).toEqual(['asked for 13 bytes', 'read'])
  turn.resolve()
  expect(await (await waits).json()).toEqual({ text: 'é' })
  expect(done).toHaveLength(3)
})
