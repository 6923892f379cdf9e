import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { frontOf } from './front.ts'

const servers: Server[] = []
afterEach(() => {
  for (const server of servers.splice(0)) server.close()
})

const listening = async (server: Server): Promise<number> => {
  servers.push(server)
  await once(server.listen(0, '127.0.0.1'), 'listening')
  return (server.address() as AddressInfo).port
}
/** A front of what does this with each connection, and its port. As workerd, it reads on of one that its client has closed. */
const inFrontOf = async (each: (socket: Socket) => void): Promise<number> => {
  const port = await listening(createServer({ allowHalfOpen: true }, each))
  return listening(frontOf(async () => new URL(`http://127.0.0.1:${port}`)))
}

test('what comes and what is answered pass whole, and a connection ends with its answer', async () => {
  const sent = Buffer.alloc(3_000_000, 'abcdefg')
  const port = await inFrontOf((socket) => {
    let came = 0
    socket.on('data', (bytes: Buffer) => {
      came += bytes.length
      if (came === sent.length) socket.end(sent)
    })
  })
  const client = connect(port, '127.0.0.1')
  client.write(sent)
  expect(Buffer.concat(await client.toArray()).equals(sent)).toBe(true)
})

test('a client that closes its connection is told of by a reset', async () => {
  const asked = Promise.withResolvers<Socket>()
  const port = await inFrontOf((socket) => void socket.once('data', () => asked.resolve(socket)))
  const client = connect(port, '127.0.0.1')
  client.write('asked')
  const socket = await asked.promise
  client.end()
  const [error] = await once(socket, 'error')
  expect(error).toMatchObject({ code: 'ECONNRESET' })
  await once(client.resume(), 'close')
})

test('nothing is held of a client whose server cannot be reached', async () => {
  for (const address of [() => Promise.reject(new Error('it has ended')), async () => new URL('http://127.0.0.1:9')]) {
    const client = connect(await listening(frontOf(address)), '127.0.0.1')
    await once(client.resume(), 'close')
  }
})
