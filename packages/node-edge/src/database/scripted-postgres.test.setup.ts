import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'

const message = (type: string, ...parts: (string | Buffer)[]): Buffer => {
  const body = Buffer.concat(parts.map((part) => Buffer.from(part as string)))
  const head = Buffer.alloc(5)
  head.write(type)
  head.writeInt32BE(body.length + 4, 1)
  return Buffer.concat([head, body])
}
const ready = message('Z', 'I')
const done = Buffer.concat([message('C', 'SELECT 0\0'), ready])
const failed = (severity: string, code: string, text: string): Buffer => message('E', `S${severity}\0V${severity}\0C${code}\0M${text}\0\0`)

/** What statements of that text do; any other is answered with no rows. */
const scripts: Readonly<Record<string, (socket: Socket) => unknown>> = {
  hang: () => {},
  cut: (socket) => socket.destroy(),
  shutdown: (socket) => socket.end(failed('FATAL', '57P01', 'terminating connection due to administrator command')),
  // As a backend that is terminated between two statements: the next thing heard is nobody's answer.
  'answer, then shutdown': (socket) => {
    socket.write(done)
    setTimeout(() => socket.end(failed('FATAL', '57P01', 'terminating connection due to administrator command')), 5)
  },
  slow: (socket) => socket.write(Buffer.concat([failed('ERROR', '57014', 'canceling statement due to statement timeout'), ready])),
  wrong: (socket) => socket.write(Buffer.concat([failed('ERROR', '42601', 'syntax error'), ready])),
}

/** A server that speaks just enough of PostgreSQL's protocol, and fails as it is told by the statements themselves. */
export async function scriptedPostgres() {
  const statements: string[] = []
  const sockets = new Set<Socket>()
  let connections = 0
  const server = createServer((socket) => {
    connections++
    sockets.add(socket)
    socket.on('error', () => {}).on('close', () => sockets.delete(socket))
    let isOpen = false
    let hangs = false
    socket.on('data', (data: Buffer) => {
      if (hangs) return
      if (!isOpen) {
        isOpen = true
        socket.write(Buffer.concat([message('R', Buffer.alloc(4)), ready]))
        return
      }
      if (data[0] !== 'Q'.charCodeAt(0)) return
      const text = data.subarray(5, data.length - 1).toString()
      statements.push(text)
      hangs = text === 'hang'
      const script = scripts[text]
      if (script) script(socket)
      else socket.write(done)
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `postgres://me@127.0.0.1:${(server.address() as AddressInfo).port}/one`,
    statements,
    connections: () => connections,
    open: () => sockets.size,
    close(): void {
      server.close()
      for (const socket of sockets) socket.destroy()
    },
  }
}
