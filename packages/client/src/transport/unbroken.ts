import { streamBroken } from './errors.ts'

/** The bytes as they come; a connection that is cut is told by code, and not as the end of them. Error 502 `stream_broken`. */
export function unbroken(bytes: ReadableStream<Uint8Array>): ReadableStream<Uint8Array> {
  const reader = bytes.getReader()
  return new ReadableStream({
    async pull(controller) {
      const { done, value } = await reader.read().catch((error: unknown) => {
        throw streamBroken(error)
      })
      if (done) controller.close()
      else controller.enqueue(value)
    },
    cancel: (reason) => reader.cancel(reason),
  })
}
