import { type Readable, Transform, type TransformCallback, type Writable } from 'node:stream'
import type { JSONRPCMessage } from '@modelcontextprotocol/server'
import { StdioServerTransport } from '@modelcontextprotocol/server/stdio'

type Id = string | number

/** What is listened to has no end of its own: nobody waits for its answer. */
const endless = 'subscriptions/listen'

/** Passes on what comes in. Where that ends, it ends once every request in it has been answered. */
class HeldInput extends Transform {
  readonly #open = new Set<Id>()
  #line = ''
  #answered: (() => void) | undefined
  readonly #decoder = new TextDecoder()

  override _transform(chunk: Buffer, _: BufferEncoding, passed: TransformCallback): void {
    const lines = (this.#line + this.#decoder.decode(chunk, { stream: true })).split('\n')
    this.#line = lines.pop()!
    for (const line of lines) this.#meet(line)
    passed(null, chunk)
  }

  override _flush(ended: TransformCallback): void {
    this.#answered = () => ended()
    this.#endIfAnswered()
  }

  settle(id: Id): void {
    this.#open.delete(id)
    this.#endIfAnswered()
  }

  #meet(line: string): void {
    let message: { id?: Id; method?: string; params?: { requestId?: Id } } | null
    try {
      message = JSON.parse(line) as typeof message
    } catch {
      // The server tells of it.
      return
    }
    const { id, method: asked, params } = message ?? {}
    if (asked === 'notifications/cancelled') this.#open.delete(params?.requestId as Id)
    else if (asked !== undefined && asked !== endless && id !== undefined) this.#open.add(id)
  }

  #endIfAnswered(): void {
    if (this.#open.size === 0) this.#answered?.()
  }
}

/** Stdin and stdout, for a client that sends what it asks and closes its end, as a shell's pipe does: what was asked is answered, and then it ends. */
export class AnsweringStdio extends StdioServerTransport {
  readonly #input: HeldInput

  constructor(stdin: Readable = process.stdin, stdout: Writable = process.stdout) {
    const input = new HeldInput()
    super(stdin.pipe(input), stdout)
    this.#input = input
  }

  override async send(message: JSONRPCMessage): Promise<void> {
    try {
      await super.send(message)
    } finally {
      if (('result' in message || 'error' in message) && message.id !== undefined) this.#input.settle(message.id as Id)
    }
  }
}
