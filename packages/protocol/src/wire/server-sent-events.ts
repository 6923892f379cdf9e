/** One message of an event stream. `data` is JSON, or `[DONE]`: one line. */
export interface ServerSentEvent {
  event?: string
  data: string
}

export const eventStreamHeaders = { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' }

/**
 * The messages as the body of an answer. There is one stream between them and the client: another would cost every token some turns of the event loop,
 * which all streams share. Where they fail the stream breaks off: whoever sends them tells of failures in a message.
 * @param leave called at once when the reader leaves, and not at the next message
 */
export function serverSentEvents(messages: AsyncGenerator<ServerSentEvent>, leave: () => void): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder()
  let left = false
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      const { done, value } = await messages.next()
      if (left) return
      if (done) controller.close()
      else controller.enqueue(encoder.encode(spelled(value)))
    },
    cancel() {
      left = true
      leave()
      messages.return(undefined).catch(() => {})
    },
  })
}

const spelled = ({ event, data }: ServerSentEvent): string => `${event === undefined ? '' : `event: ${event}\n`}data: ${data}\n\n`
