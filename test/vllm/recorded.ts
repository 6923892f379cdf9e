import { createHash } from 'node:crypto'
import type { Call, Transport } from '../../packages/edge/src/runner/http/transport.ts'

/** What vLLM answered, by what it was asked: method, path, and the beginning of the body's sha256. One request may get several answers, in their order. */
export type Recorded = Record<string, { status: number; text: string }[]>

const askedOf = ({ method = 'GET', path, body }: Call): string => {
  const bytes = body === undefined ? '' : typeof body === 'string' ? body : Buffer.from(body as Uint8Array)
  return `${method} ${path} ${createHash('sha256').update(bytes).digest('hex').slice(0, 16)}`
}

/** The same exchanges, written down. */
export const recording =
  (send: Transport, into: Recorded): Transport =>
  async (call) => {
    const response = await send(call)
    const text = await response.text()
    const answer = { status: response.status, text: withoutClock(text) }
    const before = (into[askedOf(call)] ??= [])
    if (before.at(-1)?.text !== answer.text) before.push(answer)
    return new Response(text, response)
  }

/** Answers as vLLM did, the last answer again and again. What it was never asked fails, and names the request. */
export function replaying(recorded: Recorded): Transport {
  const asked = new Map<string, number>()
  return async (call) => {
    const key = askedOf(call)
    const answers = recorded[key]
    if (!answers) throw new Error(`vLLM was not asked this when it was recorded: ${key} ${typeof call.body === 'string' ? call.body.slice(0, 300) : ''}`)
    const times = asked.get(key) ?? 0
    asked.set(key, times + 1)
    const { text, status } = answers[Math.min(times, answers.length - 1)]
    return new Response(text, { status })
  }
}

/** Ids and times are another's at each recording, and nobody reads them. */
const withoutClock = (text: string): string => text.replace(/"id":"[a-z]+-[0-9a-f]+"/g, '"id":"recorded"').replace(/"created":\d+/g, '"created":0')
