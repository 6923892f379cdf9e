import { exports } from 'cloudflare:workers'
import OpenAI from 'openai'
import { json, post, type streamed, streamed as streamedStep } from '../edge.ts'

/** OpenAI's own client of this edge. */
export const openai = new OpenAI({
  apiKey: 'weft-local',
  baseURL: 'http://127.0.0.1:8787/v1',
  maxRetries: 0,
  fetch: (url, init) => exports.default.fetch(new Request(url as string, init as RequestInit)),
})

export const respond = (body: object) => json(post('/v1/responses', { model: 'base', input: 'Hello', ...body }))

/** The events of a streamed response, each checked to go by its name and number. */
export async function events(body: object): Promise<any[]> {
  const response = await post('/v1/responses', { model: 'base', input: 'Hello', stream: true, ...body })
  return (await response.text())
    .split('\n\n')
    .filter(Boolean)
    .map((text, place) => {
      const [, name, data] = /^event: (.+)\ndata: (.+)$/.exec(text)!
      const event = JSON.parse(data!)
      if (event.type !== name || event.sequence_number !== place) throw new Error(`event ${place} is ${text}`)
      return event
    })
}

/** An answer in pieces that respect nothing. */
export const inPieces = (text: string, size = 3, finish_reason = 'stop'): ReturnType<typeof streamed> =>
  streamedStep({
    events: [
      ...text.match(new RegExp(`[^]{1,${size}}`, 'g'))!.map((piece, token) => ({ data: { token, text: piece } })),
      { data: { finish_reason, usage: { prompt_tokens: 3, completion_tokens: 2, total_tokens: 5 } } },
    ],
  })
